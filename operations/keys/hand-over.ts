import { adminOf, offeredAdminOf } from "../../aleo/transaction/admin.ts";
import { TransactionRejectedError } from "../../aleo/transaction/errors.ts";
import type { Account } from "../account.ts";
import { until } from "../until.ts";
import { RotationError, sendCall } from "./send-call.ts";

/** Somebody else's offers took the place of each of ours, or the program refuses. */
export class ContestedError extends RotationError {}

interface Parties {
  readonly old: Account;
  readonly fresh: Account;
  readonly from: string;
  readonly to: string;
  readonly show: (text: string) => void;
}

interface HandedOver {
  /** The new account, or another one that was there first. */
  readonly admin: string;
  /** By which the new account accepted; empty where none was needed. */
  readonly transaction: string;
}

const rounds = 5;
/** An offer that is not served by then was replaced; should a node only be late, a second one does no harm. */
const servedWithinMs = 3_000;

/**
 * Makes the new account the admin of a program. What to do next is read from the chain each time: an
 * offer can be replaced by whoever has the old key as well, and is then made again.
 * @throws ContestedError where five offers did not lead to it
 */
export async function handOver(
  { old, fresh, from, to, show }: Parties,
  program: string,
): Promise<HandedOver> {
  const isAdmin = async () => (await adminOf(fresh.node, program)) === to;
  const isOffered = async () =>
    (await offeredAdminOf(old.node, program)) === to || (await isAdmin());
  let refusal: TransactionRejectedError | undefined;
  for (let round = 0; round < rounds; round += 1) {
    await old.node.followFreshest();
    const admin = await adminOf(old.node, program);
    if (admin === undefined) throw withoutAdmin(program);
    if (admin !== from && !(await isOffered())) return { admin, transaction: "" };
    try {
      const offer = { purpose: `offer of ${program} to ${to}`, isReached: isOffered };
      show(offer.purpose);
      await sendCall(old, `${program}/offered_admin[0u8]`, offer, program, {
        functionName: "offer_admin",
        inputs: [to],
      });
      if (!(await until(isOffered, servedWithinMs, 250))) continue;
      const acceptance = { purpose: `acceptance of ${program} by ${to}`, isReached: isAdmin };
      show(acceptance.purpose);
      const transaction = await sendCall(fresh, `${program}/admin[0u8]`, acceptance, program, {
        functionName: "accept_admin",
        inputs: [],
      });
      return { admin: to, transaction };
    } catch (error) {
      if (!(error instanceof TransactionRejectedError)) throw error;
      refusal = error;
    }
  }
  throw new ContestedError(
    `${program} could not be handed over in ${rounds} tries: ${refusal?.message ?? "another offer took the place of each of ours."}`,
    {
      remedy: `Somebody else may be using the old key: see \`aleo-ops activity ${program} --last 1h --network ${old.node.network}\`. Run again at once, again and again: each run tries ${rounds} times.`,
    },
  );
}

function withoutAdmin(program: string): RotationError {
  return new RotationError(`No node serves admin[0u8] of ${program}.`, {
    remedy: "Check that the endpoints serve the ledger that the program is on.",
  });
}
