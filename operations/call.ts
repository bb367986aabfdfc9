import type { ConfirmedTransaction, NodeClient } from "../aleo/node/client.ts";
import { configNamespace } from "../config-namespace.ts";
import { formatCredits } from "../aleo/network.ts";
import { parseProgram } from "../aleo/program/parse.ts";
import type { ExecutionRequest } from "../aleo/transaction/builder.ts";
import { BalanceError, FeeLimitError } from "../aleo/transaction/errors.ts";
import { deployedImports } from "../aleo/transaction/imports.ts";
import { send, settleEarlier, type Aim } from "../aleo/transaction/send.ts";
import type { Account } from "./account.ts";

/** Which function of a program, with which inputs. */
export type Call = Pick<ExecutionRequest, "functionName" | "inputs">;

/** What the calls of one program have in common: looked up once. */
export type Callee = Pick<ExecutionRequest, "programId" | "source" | "edition" | "imports">;

/** Undefined where the program is not on chain. */
export async function calleeOf(node: NodeClient, programId: string): Promise<Callee | undefined> {
  const deployed = await node.program(programId);
  if (deployed === undefined) return undefined;
  const { source, edition } = deployed;
  return {
    programId,
    source,
    edition,
    imports: await deployedImports(node, parseProgram(source)),
  };
}

/**
 * Brings about what `aim` says by one transaction, once: what an earlier run sent for it is looked
 * up before, and nothing is sent where the aim is reached. Call it inside
 * `account.journal.exclusively(subject, …)`.
 * @returns the accepted transaction; undefined where the aim was reached without one
 * @throws FeeLimitError, BalanceError before anything is sent; otherwise as `send` and
 *   `settleEarlier` do
 */
export async function callOnce(
  account: Account,
  subject: string,
  aim: Aim,
  callee: Callee,
  { functionName, inputs }: Call,
): Promise<ConfirmedTransaction | undefined> {
  const earlier = await settleEarlier(account, subject, aim);
  if (earlier !== undefined) return earlier;
  if (await aim.isReached()) return undefined;
  const { settings, builder } = account;
  const transaction = await builder.execution({
    ...callee,
    functionName,
    inputs,
    priorityFee: settings.priorityFee,
  });
  await checkAffordable(account, aim.purpose, transaction.fee);
  // A proof takes its time: somebody else may have done it meanwhile.
  if (await aim.isReached()) return undefined;
  return send(account, subject, aim.purpose, transaction, aim.landed);
}

/**
 * @param purpose what the fee is for
 * @throws FeeLimitError, BalanceError
 */
export async function checkAffordable(
  { settings, builder, node }: Account,
  purpose: string,
  fee: bigint,
): Promise<void> {
  if (fee > settings.maxFee) {
    throw new FeeLimitError(
      `The ${purpose} would cost ${formatCredits(fee)}, over the limit of ${formatCredits(settings.maxFee)} that ${configNamespace}:maxFee sets.`,
      { remedy: `Nothing was sent. Raise ${configNamespace}:maxFee knowingly.` },
    );
  }
  const signer = await builder.signer();
  const held = await node.balance(signer);
  if (held >= fee) return;
  throw new BalanceError(
    `${signer} holds ${formatCredits(held)}; the ${purpose} needs ${formatCredits(fee)}.`,
    { remedy: "Nothing was sent. Transfer credits to it, then run again." },
  );
}
