import type { Block } from "../../aleo/node/shapes.ts";
import { type ConfirmedTransaction, confirmedTransaction, type Transition } from "./shapes.ts";
import { argumentsOf, transferOf } from "./transfers.ts";

/** A program that is watched, and the address under which it holds credits. */
export interface WatchedProgram {
  readonly id: string;
  readonly address: string;
}

/** `transfer`: credits moved to or from the program's address by a transaction that does not call it. */
type Kind = "execute" | "deploy" | "transfer";

/** One transaction's part in one watched program. */
export interface ObservedTransaction {
  /** As it stands in the block: for a rejected one, the id of its fee transaction. */
  readonly id: string;
  readonly program: string;
  readonly kind: Kind;
  /** The function of the program that was called, the outermost one; empty for a deployment. */
  readonly function: string;
  readonly status: "accepted" | "rejected";
  /** Address that paid the fee; undefined for a fee out of a private record. */
  readonly payer: string | undefined;
  /** Base and priority fee in microcredits; spent even if rejected. */
  readonly fee: bigint;
  /** Microcredits into and out of the program's address; 0 where the transaction was rejected. */
  readonly creditsIn: bigint;
  readonly creditsOut: bigint;
  /** Mapping entries that the whole transaction set or removed. */
  readonly operations: number;
  /** Of a deployment: which edition it made, 0 for the first, and its owner. */
  readonly edition: number | undefined;
  readonly owner: string | undefined;
}

export interface ObservedBlock {
  readonly height: number;
  readonly hash: string;
  readonly previousHash: string;
  /** When it was made, in ms since 1970; blocks carry whole seconds. */
  readonly time: number;
  /** All its transactions, watched or not. */
  readonly transactions: number;
  readonly aborted: readonly string[];
  readonly watched: readonly ObservedTransaction[];
}

/** What a block means for the watched programs. */
export function observe(block: Block, programs: readonly WatchedProgram[]): ObservedBlock {
  return {
    height: block.header.metadata.height,
    hash: block.block_hash,
    previousHash: block.previous_hash,
    time: block.header.metadata.timestamp * 1_000,
    transactions: block.transactions.length,
    aborted: block.aborted_transaction_ids,
    watched: block.transactions.flatMap((entry) => observeTransaction(entry, programs)),
  };
}

function observeTransaction(
  entry: unknown,
  programs: readonly WatchedProgram[],
): ObservedTransaction[] {
  const confirmed = confirmedTransaction.parse(entry);
  const { transaction, rejected, status } = confirmed;
  const deployment = transaction.deployment ?? rejected?.deployment;
  const transitions = (transaction.execution ?? rejected?.execution)?.transitions ?? [];
  const deployed = deployment === undefined ? undefined : programIdOf(deployment.program);
  const common = {
    id: transaction.id,
    status,
    ...feeOf(confirmed),
    operations: operationsOf(confirmed),
    edition: undefined,
    owner: undefined,
  };
  return programs.flatMap(({ id, address }): ObservedTransaction[] => {
    if (deployment !== undefined && deployed === id) {
      return [
        {
          ...common,
          ...nothingMoved,
          program: id,
          kind: "deploy",
          function: "",
          edition: deployment.edition,
          owner:
            deployment.program_owner ??
            transaction.owner?.address ??
            rejected?.program_owner?.address,
        },
      ];
    }
    const moved = status === "accepted" ? movedBy(transitions, address) : nothingMoved;
    const called = transitions.findLast(({ program }) => program === id);
    if (called !== undefined) {
      return [{ ...common, ...moved, program: id, kind: "execute", function: called.function }];
    }
    const root = transitions.at(-1);
    if (root === undefined || (moved.creditsIn === 0n && moved.creditsOut === 0n)) return [];
    const by = `${root.program}/${root.function}`;
    return [{ ...common, ...moved, program: id, kind: "transfer", function: by }];
  });
}

const nothingMoved = { creditsIn: 0n, creditsOut: 0n };

function movedBy(
  transitions: readonly Transition[],
  address: string,
): { creditsIn: bigint; creditsOut: bigint } {
  let { creditsIn, creditsOut } = nothingMoved;
  for (const transition of transitions) {
    const transfer = transferOf(transition);
    if (transfer === undefined || transfer.from === transfer.to) continue;
    if (transfer.to === address) creditsIn += transfer.microcredits;
    if (transfer.from === address) creditsOut += transfer.microcredits;
  }
  return { creditsIn, creditsOut };
}

/** Base fee and priority fee are the first two amounts of fee_public's and fee_private's inputs. */
function feeOf({ transaction }: ConfirmedTransaction): { fee: bigint; payer: string | undefined } {
  const transition = transaction.fee?.transition;
  if (transition === undefined) return { fee: 0n, payer: undefined };
  const fee = transition.inputs
    .map(({ value }) => /^(\d+)u64$/.exec(value ?? "")?.[1])
    .filter((digits) => digits !== undefined)
    .slice(0, 2)
    .reduce((sum, digits) => sum + BigInt(digits), 0n);
  const future = transition.outputs.find(({ type }) => type === "future")?.value;
  return { fee, payer: future === undefined ? undefined : argumentsOf(future)[0] };
}

function operationsOf({ finalize }: ConfirmedTransaction): number {
  return finalize.filter(({ type }) => type !== "initialize_mapping").length;
}

/** The id stands in the `program` statement, which comes before everything but imports. */
function programIdOf(source: string): string | undefined {
  return /^\s*program\s+([\w.]+)\s*;/m.exec(source)?.[1];
}
