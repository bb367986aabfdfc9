import { join } from "node:path";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import { readIfThere, writeWhole } from "../../aleo/files.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { ConfirmedTransaction } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import type { BuiltTransaction } from "../../aleo/transaction/builder.ts";
import { deployedImports } from "../../aleo/transaction/imports.ts";
import { lookUp, type Outcome } from "../../aleo/transaction/outcome.ts";
import { send, settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, checkAffordable } from "../call.ts";
import { requireFresh } from "../fresh-state.ts";

/** It is not retried: it landed, it may still land, or it can't be built again. */
export class RetryRefusedError extends AleoError {}

export interface RetryReport {
  readonly first: string;
  /** Why the first can't land any more. */
  readonly proof: string;
  readonly transaction: string;
  /** Microcredits, as a decimal string. */
  readonly fee: string;
  /** False where an earlier run had sent it. */
  readonly sentNow: boolean;
}

const inputShape = z.looseObject({ type: z.string(), value: z.string().optional() });
const originalShape = z.looseObject({
  id: z.string(),
  execution: z
    .looseObject({
      transitions: z
        .array(
          z.looseObject({
            program: z.string(),
            function: z.string(),
            inputs: z.array(inputShape).default([]),
          }),
        )
        .min(1),
    })
    .optional(),
  deployment: z.looseObject({ program: z.string(), edition: z.number() }).optional(),
  fee: z
    .looseObject({ transition: z.looseObject({ outputs: z.array(inputShape).default([]) }) })
    .optional(),
});
type Original = z.infer<typeof originalShape>;

/**
 * Sends anew what a transaction was to do, with another priority fee, once, and only where it is
 * proven that the first can't land any more: a block rejected it. A transaction does not expire on
 * this chain: while no block names it, whoever has its bytes can still send it, so that nothing
 * proves that it can't land.
 * Source: snarkVM synthesizer/src/vm/verify.rs (`check_transaction`): the id of an accepted, a
 * rejected and an aborted transaction is never taken again; any state root of the past is.
 * Nothing keeps another machine, which has not the notes, from retrying it as well.
 * @param priorityFee in microcredits
 * @param notes the folder where it is kept what was retried as what
 * @throws RetryRefusedError before anything is sent
 * @throws StaleStateError before anything is sent
 */
export async function retryTransaction(
  account: Account,
  id: string,
  priorityFee: bigint,
  notes: string,
): Promise<RetryReport> {
  const { node, journal } = account;
  // A node that is behind would not know a retry that landed.
  await requireFresh(node, "Nothing was sent.");
  const proof = await proofOf(account, id);
  const original = await originalOf(account, id);
  await refuseOtherPayer(account, original);
  const note = join(notes, `${id}.json`);
  const subject = `retry/${id}`;
  const purpose = `retry of ${id}`;
  return journal.exclusively(subject, async () => {
    const report = (
      { id: transaction, fee }: Pick<ConfirmedTransaction, "id" | "fee">,
      sentNow: boolean,
    ) => ({ first: id, proof, transaction, fee: (fee ?? 0n).toString(), sentNow });
    const landed = ({ id: transaction }: ConfirmedTransaction) =>
      writeNote(note, { transaction, accepted: true });
    const aim = { purpose, isReached: () => Promise.resolve(false), landed };
    const earlier = await settleEarlier(account, subject, aim);
    if (earlier !== undefined) return report(earlier, false);
    const before = await readNote(note);
    if (before !== undefined) {
      const outcome = await lookUp(node, before.transaction);
      if (outcome.status === "accepted") return report(outcome.confirmed, false);
      refuseRetried(id, before, outcome);
    }
    const built = await rebuilt(account, original, priorityFee);
    await checkAffordable(account, purpose, built.fee);
    // Before it leaves: a note without a transaction in a block or in the journal was never sent.
    await writeNote(note, { transaction: built.id, accepted: false });
    return report(await send(account, subject, purpose, built, landed), true);
  });
}

/** @throws RetryRefusedError where what it was retried as is known to a block, now or before */
function refuseRetried(id: string, { transaction, accepted }: Note, { status }: Outcome): void {
  if (status === "rejected") {
    throw new RetryRefusedError(`${id} was retried as ${transaction}, which was rejected too.`, {
      remedy: `Find out why: aleo-ops transaction ${transaction}. To retry that one, name it.`,
    });
  }
  if (!accepted) return;
  throw new RetryRefusedError(
    `${id} was retried as ${transaction}, which was accepted; no endpoint serves its block now.`,
    {
      remedy: "Nothing was sent, and nothing is to be done. Look at the endpoints: aleo-ops node.",
    },
  );
}

export function retryNotesOf(network: string, directory = process.cwd()): string {
  return join(directory, ".state", "retries", network);
}

async function proofOf({ node }: Account, id: string): Promise<string> {
  if (!/^at1[a-z0-9]{58}$/.test(id)) {
    throw new RetryRefusedError(`${JSON.stringify(id)} is no transaction id.`, {
      remedy: "An id begins with at1 and has 61 characters.",
    });
  }
  const outcome = await lookUp(node, id);
  switch (outcome.status) {
    case "accepted":
      throw new RetryRefusedError(
        `${id} was accepted in block ${outcome.confirmed.blockHeight ?? "?"}: there is nothing to retry.`,
        { remedy: "Nothing was sent." },
      );
    case "unseen":
      throw new RetryRefusedError(
        `${id} is in no block, and nothing proves that it can't land any more: on this chain a transaction does not expire, and a second one with the same inputs would be another transaction, so that both might land.`,
        {
          remedy:
            "Nothing was sent. Run the command again that sent it: it sends the same bytes again, which can't be paid twice. If no node takes those, wait, or move the account's credits elsewhere so that it can't be paid for.",
        },
      );
    case "rejected":
      return `block ${outcome.confirmed.blockHeight ?? "?"} rejected it, and its id is never taken again`;
    case "aborted":
      return `block ${outcome.height} aborted it, and its id is never taken again`;
  }
}

async function originalOf({ node }: Account, id: string): Promise<Original> {
  const found = originalShape.safeParse(await node.originalTransaction(id));
  if (found.success) return found.data;
  throw new RetryRefusedError(`No node has what ${id} was to do.`, {
    remedy:
      "Nothing was sent. Run the command again that sent it: it builds a new one, as the first can't land any more.",
  });
}

async function rebuilt(
  { node, builder }: Account,
  { id, execution, deployment }: Original,
  priorityFee: bigint,
): Promise<BuiltTransaction> {
  if (deployment !== undefined) {
    const program = parseProgram(deployment.program);
    return builder.deployment({
      ...{ programId: program.id, source: deployment.program, edition: deployment.edition },
      ...{ imports: await deployedImports(node, program), priorityFee },
    });
  }
  // The outermost call is the last transition.
  const call = execution?.transitions.at(-1);
  const callee = call === undefined ? undefined : await calleeOf(node, call.program);
  if (call === undefined || callee === undefined) {
    throw new RetryRefusedError(`${id} calls no program that is on chain.`, {
      remedy: "Nothing was sent.",
    });
  }
  const inputs = call.inputs.map(({ type, value }) => {
    if (value !== undefined && (type === "public" || type === "constant")) return value;
    throw new RetryRefusedError(
      `${id} has an input that is ${type}: what it was is known to who sent it only.`,
      { remedy: "Nothing was sent. Run the command again that sent it." },
    );
  });
  return builder.execution({ ...callee, functionName: call.function, inputs, priorityFee });
}

/** What the chain would refuse, after the fee was paid: what one account may do, another may not. */
async function refuseOtherPayer({ builder }: Account, { id, fee }: Original): Promise<void> {
  const payer = fee?.transition.outputs
    .map(({ value = "" }) => /fee_public\b[^]*?\b(aleo1[a-z0-9]{58})\b/.exec(value)?.[1])
    .find((address) => address !== undefined);
  const signer = await builder.signer();
  // A private fee does not tell who paid it.
  if (payer === undefined || payer === signer) return;
  throw new RetryRefusedError(`${id} was sent by ${payer}; the private key is that of ${signer}.`, {
    remedy:
      "Nothing was sent. Set ALEO_PRIVATE_KEY to the key of that account. To do the same as another one, run the command again that sent it.",
  });
}

const noteShape = z.object({
  /** What it was retried as. */
  transaction: z.string(),
  accepted: z.boolean(),
});
type Note = z.infer<typeof noteShape>;

async function readNote(path: string): Promise<Note | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return noteShape.parse(JSON.parse(text));
  } catch (cause) {
    throw new RetryRefusedError(`${path} says what it was retried as, and can't be read.`, {
      remedy: "Nothing was sent. Look for a retry of your account on chain; then remove the file.",
      cause,
    });
  }
}

function writeNote(path: string, note: Note): Promise<void> {
  return writeWhole(path, JSON.stringify(note));
}

export function retryText({ first, proof, transaction, fee, sentNow }: RetryReport): string {
  const cost = formatCredits(BigInt(fee));
  return [
    `${first} can't land any more: ${proof}.`,
    sentNow
      ? `✔ sent anew and accepted as ${transaction}, for ${cost}`
      : `✔ an earlier run sent it anew as ${transaction}, for ${cost}: nothing was sent now`,
  ].join("\n");
}
