import type { Block } from "../../aleo/node/shapes.ts";
import {
  type ConfirmedTransaction,
  confirmedTransaction,
  type Deployment,
  type SentTransaction,
  sentTransaction,
  type Transition,
} from "./shapes.ts";
import { argumentsOf, transferOf } from "./transfers.ts";

/** A program that is watched, and the address under which it holds credits. */
export interface WatchedProgram {
  readonly id: string;
  readonly address: string;
}

/** `transfer`: credits moved to or from the program's address by a transaction that does not call it. */
type Kind = "execute" | "deploy" | "transfer";

/** Credits that a transaction moved into or out of a program's address. */
export interface Movement {
  readonly direction: "in" | "out";
  /** Who gave or got them; undefined for a private record. */
  readonly other: string | undefined;
  readonly microcredits: bigint;
}

/** A mapping entry that was set or removed, by the ids that the block names it by. */
export interface Change {
  readonly mappingId: string;
  readonly keyId: string;
  readonly isRemoved: boolean;
}

/** One transaction's part in one watched program. */
export interface ObservedTransaction {
  /** As it stands in the block: for a rejected one, the id of its fee transaction. */
  readonly id: string;
  /** Its place among the block's transactions, from 0 on. */
  readonly position: number;
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
  readonly movements: readonly Movement[];
  /** Mapping entries that the whole transaction set or removed. */
  readonly changes: readonly Change[];
  /** Of a deployment. */
  readonly edition: DeployedEdition | undefined;
}

interface DeployedEdition {
  /** 0 for the first. */
  readonly edition: number;
  /** Undefined for an amendment, and for a program that was deployed before there were owners. */
  readonly owner: string | undefined;
  /** It changed the verifying keys of an edition that was there. */
  readonly isAmendment: boolean;
}

/** What is known of an aborted transaction, of which a block holds the id alone. */
export interface AbortedPart {
  readonly program: string;
  /** Empty for a deployment. */
  readonly function: string;
  readonly payer: string | undefined;
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
    watched: block.transactions.flatMap((entry, position) =>
      observeTransaction(entry, position, programs),
    ),
  };
}

/** The watched programs that a transaction calls or deploys, as it was sent. */
export function partsOf(sent: unknown, programs: readonly WatchedProgram[]): AbortedPart[] {
  const transaction = sentTransaction.parse(sent);
  const { payer } = feeOf(transaction);
  const transitions = transaction.execution?.transitions ?? [];
  const deployed =
    transaction.deployment === undefined ? undefined : programIdOf(transaction.deployment.program);
  return programs.flatMap(({ id }): AbortedPart[] => {
    if (deployed === id) return [{ program: id, function: "", payer }];
    const called = transitions.findLast(({ program }) => program === id);
    return called === undefined ? [] : [{ program: id, function: called.function, payer }];
  });
}

function observeTransaction(
  entry: unknown,
  position: number,
  programs: readonly WatchedProgram[],
): ObservedTransaction[] {
  if (!mayConcern(entry, programs)) return [];
  const confirmed = confirmedTransaction.parse(entry);
  const { transaction, rejected, status } = confirmed;
  const deployment = transaction.deployment ?? rejected?.deployment;
  const transitions = (transaction.execution ?? rejected?.execution)?.transitions ?? [];
  const deployed = deployment === undefined ? undefined : programIdOf(deployment.program);
  const common = {
    ...{ id: transaction.id, position, status },
    ...feeOf(transaction),
    changes: changesOf(confirmed),
    edition: undefined,
  };
  return programs.flatMap(({ id, address }): ObservedTransaction[] => {
    if (deployment !== undefined && deployed === id) {
      const edition = editionOf(deployment, confirmed);
      return [{ ...common, ...nothingMoved, program: id, kind: "deploy", function: "", edition }];
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

/** The parts of a block's entry that tell whether it may matter. */
interface RawEntry {
  readonly transaction?: RawSubject;
  readonly rejected?: RawSubject | null;
}

interface RawSubject {
  readonly deployment?: unknown;
  readonly execution?: {
    readonly transitions?: readonly {
      readonly program?: string;
      readonly outputs?: readonly { readonly value?: string }[];
    }[];
  } | null;
}

/** Looked up before an entry is read whole: on a public network most have to do with other programs. */
function mayConcern(entry: unknown, programs: readonly WatchedProgram[]): boolean {
  const { transaction, rejected } = entry as RawEntry;
  const subject = rejected ?? transaction;
  if ((subject?.deployment ?? undefined) !== undefined) return true;
  return (subject?.execution?.transitions ?? []).some(
    ({ program, outputs = [] }) =>
      programs.some(({ id }) => id === program) ||
      (program === "credits.aleo" &&
        outputs.some(({ value = "" }) => programs.some(({ address }) => value.includes(address)))),
  );
}

const nothingMoved = { creditsIn: 0n, creditsOut: 0n, movements: [] };

function movedBy(
  transitions: readonly Transition[],
  address: string,
): Pick<ObservedTransaction, "creditsIn" | "creditsOut" | "movements"> {
  const movements = transitions.flatMap((transition): Movement[] => {
    const transfer = transferOf(transition);
    if (transfer === undefined || transfer.from === transfer.to) return [];
    const { from, to, microcredits } = transfer;
    if (to === address) return [{ direction: "in", other: from, microcredits }];
    return from === address ? [{ direction: "out", other: to, microcredits }] : [];
  });
  const sum = (wanted: Movement["direction"]) =>
    movements.reduce(
      (total, { direction, microcredits }) => (direction === wanted ? total + microcredits : total),
      0n,
    );
  return { creditsIn: sum("in"), creditsOut: sum("out"), movements };
}

/** Base fee and priority fee are the first two amounts of fee_public's and fee_private's inputs. */
function feeOf({ fee: paid }: SentTransaction): { fee: bigint; payer: string | undefined } {
  const transition = paid?.transition;
  if (transition === undefined) return { fee: 0n, payer: undefined };
  const fee = transition.inputs
    .map(({ value }) => /^(\d+)u64$/.exec(value ?? "")?.[1])
    .filter((digits) => digits !== undefined)
    .slice(0, 2)
    .reduce((sum, digits) => sum + BigInt(digits), 0n);
  const future = transition.outputs.find(({ type }) => type === "future")?.value;
  return { fee, payer: future === undefined ? undefined : argumentsOf(future)[0] };
}

function changesOf({ finalize }: ConfirmedTransaction): Change[] {
  return finalize.flatMap(({ type, mapping_id: mappingId, key_id: keyId }): Change[] =>
    keyId === undefined ? [] : [{ mappingId, keyId, isRemoved: type === "remove_key_value" }],
  );
}

/** An amendment has a checksum, as newer deployments do, and no owner. */
function editionOf(
  deployment: Deployment,
  { transaction, rejected }: ConfirmedTransaction,
): DeployedEdition {
  const { edition, program_checksum: checksum, program_owner: own } = deployment;
  const isAmendment = (checksum ?? undefined) !== undefined && (own ?? undefined) === undefined;
  const owner = own ?? transaction.owner?.address ?? rejected?.program_owner?.address;
  return { edition, owner: isAmendment ? undefined : owner, isAmendment };
}

/** The id stands in the `program` statement, which comes before everything but imports. */
function programIdOf(source: string): string | undefined {
  return /^\s*program\s+([\w.]+)\s*;/m.exec(source)?.[1];
}
