import type { Transition } from "./shapes.ts";

export interface Transfer {
  /** Address that pays; undefined where the credits come out of a private record. */
  readonly from: string | undefined;
  /** Address that receives; undefined where they go into a private record. */
  readonly to: string | undefined;
  readonly microcredits: bigint;
}

/**
 * What a transition of credits.aleo moves between public balances, by the arguments of its future
 * (snarkVM synthesizer/program/src/resources/credits.aleo); undefined for anything else.
 */
export function transferOf({ program, function: name, outputs }: Transition): Transfer | undefined {
  if (program !== "credits.aleo") return undefined;
  const future = outputs.find(({ type }) => type === "future")?.value;
  const [first, second, third] = future === undefined ? [] : argumentsOf(future);
  switch (name) {
    case "transfer_public":
    case "transfer_public_as_signer":
      return transfer(first, second, third);
    case "transfer_private_to_public":
      return transfer(undefined, first, second);
    case "transfer_public_to_private":
      return transfer(first, undefined, second);
    default:
      return undefined;
  }
}

/** The arguments of a future of credits.aleo, all of them plain literals. */
export function argumentsOf(future: string): string[] {
  const list = /arguments:\s*\[([^\]]*)\]/.exec(future)?.[1] ?? "";
  return list
    .split(",")
    .map((argument) => argument.trim())
    .filter((argument) => argument !== "");
}

function transfer(
  from: string | undefined,
  to: string | undefined,
  amount: string | undefined,
): Transfer | undefined {
  const digits = /^(\d+)u64$/.exec(amount ?? "")?.[1];
  return digits === undefined ? undefined : { from, to, microcredits: BigInt(digits) };
}
