import type { Block } from "../node/shapes.ts";
import {
  genesisBalances,
  readTransaction,
  rewardedAddresses,
  type BlockTransaction,
  type Deployment,
  type Transition,
} from "./block.ts";
import type { BlockFacts } from "./code.ts";
import type { Crypto } from "./crypto.ts";
import {
  BlockOrderError,
  NotReplayableError,
  placeText,
  ReplayMismatchError,
  UnfollowedStateError,
} from "./errors.ts";
import { Halt } from "./halt.ts";
import { Ids } from "./ids.ts";
import type { ProgramLibrary } from "./library.ts";
import { FinalizeFailed, Machine, type Failure } from "./machine.ts";
import { LiveProgram, type EditionSource } from "./program.ts";
import { State } from "./state.ts";
import { parseFuture } from "./text.ts";
import type { FutureValue } from "./values.ts";
import { OperationMismatch, verifyOperations } from "./verify.ts";

export interface ReplayOptions {
  readonly ledger: "testnet" | "mainnet";
  readonly crypto: Crypto;
  readonly library: ProgramLibrary;
  /** Programs and accounts to follow, with what they hold before the first block. */
  readonly state: State;
  /**
   * Goes on where an instruction can't be replayed, with values that can't be known. What can't be
   * kept in spite of that is counted in `lost`.
   */
  readonly isLenient?: boolean;
}

/** A rejected transaction that called a followed program. */
export interface Rejection {
  readonly height: number;
  /** Id of the fee transaction that stands in the block in its place. */
  readonly feeTransactionId: string;
  /** The function that was called, `program.aleo/name`, or `program.aleo/constructor`. */
  readonly called: string;
  /** Where it stopped; undefined where it depends on state that is not followed. */
  readonly failure: Failure | undefined;
  /** The state that it depends on, where that is not followed. */
  readonly dependsOn: readonly string[];
}

export interface ReplayedBlock {
  readonly height: number;
  /** Operations whose ids were compared. */
  readonly operations: number;
  readonly rejections: readonly Rejection[];
}

/**
 * Carries out what blocks do to the programs that are followed, in the chain's order, and compares
 * the ids of each change with those in the block. Blocks come one after the other, without a gap.
 */
export class Replay {
  readonly state: State;
  readonly #options: ReplayOptions;
  readonly #ids: Ids;
  readonly #live = new Map<string, LiveProgram>();
  /** Programs deployed by the block that is being replayed. */
  readonly #deployedNow = new Map<string, EditionSource>();
  readonly #relevantMappings = new Set<string>();
  readonly #accountMapping: string;
  readonly #relevantAccounts = new Map<string, string>();
  #last: { readonly height: number; readonly hash: string } | undefined;
  #lost = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.state = options.state;
    this.#ids = new Ids(options.crypto);
    this.#accountMapping = `${this.#ids.mapping("credits.aleo", "account")}field`;
    for (const address of this.state.watched) {
      this.#relevantAccounts.set(`${this.#ids.account(address)}field`, address);
    }
  }

  /** Height of the last block; undefined before the first. */
  get height(): number | undefined {
    return this.#last?.height;
  }

  /**
   * How many transactions could not be replayed, or wrote under a key that can't be known; 0 unless
   * `isLenient`. The keys in the state are all there are if it is 0.
   */
  get lost(): number {
    return this.#lost;
  }

  /** The program's edition after the last block. */
  async editionOf(program: string): Promise<LiveProgram | undefined> {
    return this.#last === undefined ? undefined : this.#program(program, this.#last.height);
  }

  /**
   * Carries out a block; where it throws, everything is as before the block.
   *
   * @throws {BlockOrderError} It does not come behind the last one.
   * @throws {ReplayMismatchError} The replay does not do what the block says.
   * @throws {NotReplayableError} It holds an instruction that can't be replayed.
   * @throws {UnfollowedStateError} It depends on a program that is not followed.
   */
  async apply(block: Block): Promise<ReplayedBlock> {
    this.#checkOrder(block);
    const { height } = block.header.metadata;
    if (this.#last === undefined) await this.#loadFollowed(height - 1);
    const live = [...this.#live];
    try {
      const replayed = await this.#applyInOrder(block);
      this.state.settle();
      this.#last = { height, hash: block.block_hash };
      return replayed;
    } catch (error) {
      this.state.abandon();
      this.#live.clear();
      for (const [id, program] of live) this.#live.set(id, program);
      throw error;
    } finally {
      this.#deployedNow.clear();
    }
  }

  async #applyInOrder(block: Block): Promise<ReplayedBlock> {
    const { height, timestamp } = block.header.metadata;
    const facts: BlockFacts = {
      height,
      timestamp,
      networkId: this.#options.ledger === "mainnet" ? 0 : 1,
    };
    if (height === 0) this.#giveOut(genesisBalances(block));
    const rejections: Rejection[] = [];
    let operations = 0;
    for (const entry of block.transactions) {
      const concern = this.#concern(entry);
      if (concern === "none") {
        this.#noteDeployment(entry);
        continue;
      }
      const transaction = readTransaction(entry);
      await this.#prepare(transaction, height);
      const rejection = this.#explain(transaction, facts);
      if (rejection !== undefined) rejections.push(rejection);
      operations += this.#replay(transaction, facts, concern);
    }
    for (const address of rewardedAddresses(block)) this.state.setBalance(address, undefined);
    return { height, operations, rejections };
  }

  #checkOrder({ block_hash: hash, previous_hash: previous, header }: Block): void {
    const last = this.#last;
    if (last === undefined) return;
    const { height } = header.metadata;
    if (height !== last.height + 1) {
      throw new BlockOrderError(`Block ${height} came behind block ${last.height}.`);
    }
    if (previous !== last.hash) {
      throw new BlockOrderError(
        `Block ${height} (${hash}) follows ${previous}, not ${last.hash}, which was block ${last.height}.`,
      );
    }
  }

  async #loadFollowed(height: number): Promise<void> {
    for (const id of this.state.followed) {
      const program = await this.#program(id, height);
      if (program !== undefined) this.#makeRelevant(program);
    }
  }

  #makeRelevant(program: LiveProgram): void {
    for (const mapping of program.mappings) {
      this.#relevantMappings.add(`${this.#ids.mapping(program.id, mapping)}field`);
      this.state.initialize(program.id, mapping);
    }
  }

  #giveOut(balances: ReadonlyMap<string, bigint>): void {
    for (const address of this.state.watched) {
      this.state.setBalance(address, balances.get(address) ?? 0n);
    }
  }

  /**
   * What a transaction has to do with what is followed, looked up in the raw entry: most have
   * nothing to do with it, and reading them whole would take most of the time.
   */
  #concern(entry: Block["transactions"][number]): "program" | "account" | "none" {
    const raw = entry as unknown as RawEntry;
    const subject = raw.rejected ?? raw.transaction;
    if (
      subject.execution?.transitions?.some(({ program }) => this.state.follows(program ?? "")) ===
      true
    ) {
      return "program";
    }
    const deployed = subject.deployment?.program;
    if (deployed !== undefined && this.state.follows(programIdOf(deployed))) return "program";
    const operations = raw.finalize ?? [];
    if (operations.some(({ mapping_id: id = "" }) => this.#relevantMappings.has(id))) {
      return "program";
    }
    return operations.some(
      ({ mapping_id: id, key_id: key = "" }) =>
        id === this.#accountMapping && this.#relevantAccounts.has(key),
    )
      ? "account"
      : "none";
  }

  /** Remembers what a transaction deploys that nothing followed needs, up to the end of the block. */
  #noteDeployment(entry: Block["transactions"][number]): void {
    const raw = entry as unknown as RawEntry;
    if (entry.status !== "accepted" || raw.transaction.deployment === undefined) return;
    const { deployment } = readTransaction(entry);
    if (deployment !== undefined) this.#deployed(deployment);
  }

  #deployed(deployment: Deployment): void {
    if (isAmendment(deployment)) return;
    const source = editionOf(deployment);
    if (this.#live.has(source.program) || this.state.follows(source.program)) {
      this.#live.set(source.program, new LiveProgram(source));
    } else {
      this.#deployedNow.set(source.program, source);
    }
  }

  /** Has at hand what the transaction's finalizes run and read. */
  async #prepare(transaction: BlockTransaction, height: number): Promise<void> {
    const wanted = new Set(transaction.transitions.map(({ program }) => program));
    if (transaction.fee !== undefined) wanted.add(transaction.fee.program);
    if (transaction.deployment !== undefined) {
      const deployed = new LiveProgram(editionOf(transaction.deployment));
      for (const id of deployed.references) wanted.add(id);
    }
    for (const id of wanted) {
      const program = await this.#program(id, height - 1);
      for (const reference of program?.references ?? []) wanted.add(reference);
    }
  }

  async #program(id: string, height: number): Promise<LiveProgram | undefined> {
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const source = this.#deployedNow.get(id) ?? (await this.#options.library.editionAt(id, height));
    if (source === undefined) return undefined;
    const program = new LiveProgram(source);
    this.#live.set(id, program);
    return program;
  }

  /** Runs what was rejected, to find the statement at which it stopped; nothing of it stays. */
  #explain(transaction: BlockTransaction, block: BlockFacts): Rejection | undefined {
    const { status, transitions, deployment, id } = transaction;
    if (status === "accepted") return undefined;
    const root = transitions.at(-1);
    const isOurs =
      transitions.some(({ program }) => this.state.follows(program)) ||
      (deployment !== undefined && this.state.follows(programIdOf(deployment.program)));
    if (!isOurs) return undefined;
    const machine = this.#machine(transitions, block);
    const called =
      deployment === undefined
        ? `${root?.program ?? ""}/${root?.function ?? ""}`
        : `${programIdOf(deployment.program)}/constructor`;
    const rejection = { height: block.height, feeTransactionId: id, called };
    try {
      this.state.dryRun(() => {
        if (deployment !== undefined) runDeployment(machine, deployment, this.#live);
        else runTransition(machine, root);
      });
    } catch (error) {
      if (error instanceof FinalizeFailed) {
        return { ...rejection, failure: error.failure, dependsOn: dependencies(machine) };
      }
      if (
        !(error instanceof UnfollowedStateError) &&
        !(error instanceof NotReplayableError) &&
        !(error instanceof Halt)
      ) {
        throw error;
      }
    }
    return { ...rejection, failure: undefined, dependsOn: dependencies(machine) };
  }

  #replay(
    transaction: BlockTransaction,
    block: BlockFacts,
    concern: "program" | "account",
  ): number {
    try {
      return this.#replaySurely(transaction, block);
    } catch (error) {
      const cannot = error instanceof UnfollowedStateError || error instanceof NotReplayableError;
      if (!cannot || (concern === "program" && this.#options.isLenient !== true)) throw error;
      if (concern === "program") this.#lost += 1;
      this.#forgetAccounts(transaction);
      return 0;
    }
  }

  /** As often as an account that was taken to be empty turns out not to be, again without that. */
  #replaySurely(transaction: BlockTransaction, block: BlockFacts): number {
    for (;;) {
      const { transitions, operations, id } = transaction;
      const machine = this.#machine(transitions, block);
      try {
        return this.state.attempt(() => {
          this.#run(machine, transaction);
          const where = { height: block.height, transactionId: id };
          const compared = verifyOperations(machine.operations, operations, this.#ids, where);
          if (transaction.status === "accepted" && transaction.deployment !== undefined) {
            this.#deployed(transaction.deployment);
          }
          if (machine.lostWrites > 0) this.#lost += 1;
          return compared;
        });
      } catch (error) {
        const address = this.#wronglyAssumed(error, machine);
        if (address === undefined) throw this.#asMismatch(error, transaction, block.height);
        this.state.setBalance(address, undefined);
      }
    }
  }

  /** The account that was taken to be empty, where that may be why the replay failed. */
  #wronglyAssumed(error: unknown, { assumedReads }: Machine): string | undefined {
    if (error instanceof OperationMismatch && error.computed.kind !== "initialize") {
      const { key } = error.computed;
      const own = assumedReads.find((address) => key.kind === "text" && key.value === address);
      return own ?? assumedReads.at(-1);
    }
    return error instanceof FinalizeFailed ? assumedReads.at(-1) : undefined;
  }

  #asMismatch(error: unknown, { id, status }: BlockTransaction, height: number): unknown {
    if (error instanceof FinalizeFailed) {
      const { place, reason } = error.failure;
      const what = `the chain took it as ${status}, but the replay stops at ${placeText(place)}: ${reason}`;
      return new ReplayMismatchError(height, id, undefined, what);
    }
    if (error instanceof Halt) {
      return new ReplayMismatchError(height, id, undefined, `the replay stops: ${error.message}`);
    }
    return error;
  }

  #run(machine: Machine, { status, transitions, deployment, fee }: BlockTransaction): void {
    if (status === "accepted" && deployment !== undefined) {
      runTransition(machine, fee);
      const program = runDeployment(machine, deployment, this.#live);
      if (program !== undefined && this.state.follows(program.id)) this.#makeRelevant(program);
      return;
    }
    if (status === "accepted") runTransition(machine, transitions.at(-1));
    runTransition(machine, fee);
  }

  #forgetAccounts({ operations }: BlockTransaction): void {
    for (const { mapping_id: mapping, key_id: key = "" } of operations) {
      const address = this.#relevantAccounts.get(key);
      if (mapping === this.#accountMapping && address !== undefined) {
        this.state.setBalance(address, undefined);
      }
    }
  }

  #machine(transitions: readonly Transition[], block: BlockFacts): Machine {
    return new Machine({
      crypto: this.#options.crypto,
      block,
      state: this.state,
      programs: this.#live,
      futures: transitions.flatMap((transition) => futureOf(transition) ?? []),
      isLenient: this.#options.isLenient === true,
    });
  }
}

/** The parts of a block's entry that tell whether it matters. */
interface RawEntry {
  readonly transaction: RawSubject;
  readonly rejected?: RawSubject;
  readonly finalize?: readonly { readonly mapping_id?: string; readonly key_id?: string }[];
}

interface RawSubject {
  readonly execution?: { readonly transitions?: readonly { readonly program?: string }[] };
  readonly deployment?: { readonly program?: string };
}

/** The id in a program's source, which the chain prints with `program id;` on a line of its own. */
function programIdOf(source: string): string {
  return /^program ([a-z][a-z0-9_]*\.aleo);/m.exec(source)?.[1] ?? "";
}

function editionOf({ edition, program, program_owner: owner }: Deployment): EditionSource {
  return { program: programIdOf(program), edition, source: program, owner: owner ?? undefined };
}

/** An amendment changes verifying keys only, and is the one deployment without an owner but with a checksum. */
function isAmendment({ program_checksum: checksum, program_owner: owner }: Deployment): boolean {
  return checksum !== undefined && checksum !== null && (owner ?? undefined) === undefined;
}

function futureOf({ outputs }: Transition): FutureValue | undefined {
  const last = outputs?.at(-1);
  return last?.type === "future" && typeof last.value === "string"
    ? parseFuture(last.value)
    : undefined;
}

/** Only the future of the last transition, the one that was called, is run; it awaits the others. */
function runTransition(machine: Machine, transition: Transition | undefined): void {
  const future = transition && futureOf(transition);
  if (future !== undefined) machine.runFuture(future);
}

/** Makes the new mappings and runs the constructor; answers the new edition. */
function runDeployment(
  machine: Machine,
  deployment: Deployment,
  live: ReadonlyMap<string, LiveProgram>,
): LiveProgram | undefined {
  if (isAmendment(deployment)) return undefined;
  const program = new LiveProgram(editionOf(deployment));
  const before = new Set(live.get(program.id)?.mappings ?? []);
  for (const mapping of program.mappings) {
    if (!before.has(mapping)) machine.initialize(program.id, mapping);
  }
  if (program.constructorCode !== undefined) {
    machine.runConstructor(program, program.constructorCode);
  }
  return program;
}

function dependencies({ assumed }: Machine): readonly string[] {
  return [...new Set(assumed.map(({ from }) => from))];
}
