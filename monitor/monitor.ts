import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Network } from "../aleo/network.ts";
import { connect, type NodeClient } from "../aleo/node/client.ts";
import { Judge } from "./alert/judge.ts";
import type { ObservedBlock, WatchedProgram } from "./chain/observe.ts";
import { Deliverer } from "./deliver/deliverer.ts";
import type { Route } from "./deliver/route.ts";
import { DatabaseError, DeclaredProgramsError, OtherChainError, RuleFileError } from "./errors.ts";
import { type Logger, told } from "./log.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Facts } from "./rule/kind.ts";
import { parseRuleFile, readRuleFile, type Rule } from "./rule/rule-file.ts";
import type { MonitorSettings } from "./settings.ts";
import { Store } from "./store/store.ts";
import { acceptDeclared, readDeclaredPrograms } from "./watch/declared-programs.ts";
import { Endpoints } from "./watch/endpoints.ts";
import { Enquirer } from "./watch/enquirer.ts";
import { Follower, type Progress } from "./watch/follower.ts";
import { type Probe, probeName } from "./watch/probe.ts";
import type { BackupReading } from "./watch/readings.ts";
import { Prober } from "./watch/prober.ts";
import { withAddresses } from "./watch/program-addresses.ts";

export interface MonitorOptions {
  readonly network: Network;
  readonly endpoints: readonly string[];
  readonly programs: readonly string[];
  readonly settings: MonitorSettings;
  readonly routes: readonly Route[];
  readonly log: Logger;
  /** Where a new database begins; at the newest block without it. */
  readonly fromBlock?: number | undefined;
  readonly now?: () => number;
  /** Asks the store of backups; undefined where it is not known where that is. */
  readonly backups?: ((ended: AbortSignal) => Promise<BackupReading>) | undefined;
  /** Told after each poll that reached the newest block; what it throws is logged. */
  readonly heartbeat?: (() => Promise<void>) | undefined;
}

/** How the monitor stands, for probes and people. */
export interface MonitorStatus {
  readonly network: Network;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly problem: string | undefined;
  readonly height: number | undefined;
  readonly head: number | undefined;
  /** ISO 8601; when the chain was last followed to its end. */
  readonly lastPoll: string | undefined;
  readonly rules: number;
  readonly programs: readonly string[];
}

const hourMs = 3_600_000;
/** Looks are only needed as long as a rule may look back, their sums for the reports. */
const looksKeptMs = 24 * hourMs;
const lookHoursKeptMs = 35 * 24 * hourMs;

/** Follows a network, judges it by the rules and tells of what they find. */
export class Monitor {
  readonly metrics = new Metrics();
  readonly store: Store;
  readonly network: Network;
  /** The monitor's clock, in ms since 1970. */
  readonly now: () => number;
  readonly #options: MonitorOptions;
  readonly #endpoints: Endpoints;
  readonly #node: NodeClient;
  readonly #follower: Follower;
  readonly #prober: Prober;
  readonly #enquirer: Enquirer;
  readonly #judge: Judge;
  readonly #deliverer: Deliverer;
  readonly #ended = new AbortController();
  #programs: readonly WatchedProgram[];
  #rules: readonly Rule[];
  #rulesText: string;
  #touched = new Set<string>();
  #progress: Progress | undefined;
  #polledAt: number | undefined;
  #problem: string | undefined;
  #tidiedAt = 0;

  private constructor(
    options: MonitorOptions,
    store: Store,
    programs: readonly WatchedProgram[],
    rules: readonly Rule[],
  ) {
    const { network, endpoints, routes, settings, log } = options;
    this.#options = options;
    this.network = network;
    this.now = options.now ?? Date.now;
    this.store = store;
    this.#programs = programs;
    this.#rules = rules;
    this.#rulesText = readFileSync(settings.rulesFile, "utf8");
    this.#endpoints = new Endpoints(network, endpoints);
    this.#node = connect({ network, endpoints, retryBudgetMs: 5_000, requestTimeoutMs: 5_000 });
    this.#follower = new Follower({
      ...{ store, endpoints: this.#endpoints, fromBlock: options.fromBlock, now: this.now },
      programs: () => this.#programs,
      taken: (block) => {
        if (block.watched.length > 0) this.#judgeBlocks(block.time);
      },
      batchTaken: () => {
        this.#judgeBlocks(store.chain.cursor()?.time ?? 0);
      },
      committed: (blocks) => {
        this.#committed(blocks);
      },
    });
    this.#prober = new Prober({
      ...{ probes: store.probes, now: this.now },
      sources: { node: this.#node, backups: options.backups },
      failed: (probe, error) => {
        this.metrics.error("probe");
        log.warn({ probe: probeName(probe), ...told(error) }, "A value could not be read");
      },
    });
    this.#enquirer = new Enquirer({
      ...{ node: this.#node, chain: store.chain, programs: () => this.#programs },
      failed: (question, error) => {
        log.debug({ question, ...told(error) }, "What blocks leave open could not be asked for");
      },
    });
    this.#judge = new Judge({
      ...{ store, network, receivers: routes },
      failed: (rule, error) => {
        this.metrics.error("rule");
        log.error({ rule, ...told(error) }, "A rule could not be evaluated");
      },
    });
    this.#deliverer = new Deliverer({
      ...{ outbox: store.outbox, routes, now: this.now },
      told: (route, outcome) => {
        this.metrics.told(outcome);
        if (outcome.kind === "sent") log.info({ route }, "A notice was sent");
        else log.error({ route, problem: outcome.problem }, `A notice was ${outcome.kind}`);
      },
      failed: (error) => {
        this.metrics.error("database");
        log.error(told(error), "The outbox could not be used");
      },
    });
  }

  /**
   * @throws DatabaseError for a database that can't be used
   * @throws RuleFileError for rules that can't be used
   */
  static async open(options: MonitorOptions): Promise<Monitor> {
    const { network, settings } = options;
    const file = readRuleFile(settings.rulesFile);
    const store = Store.open(settings.database, network);
    try {
      const watched = [...new Set([...options.programs, ...file.programs])];
      const programs = await withAddresses(watched, network, store.probes);
      return new Monitor(options, store, programs, file.rules);
    } catch (error) {
      store.close();
      throw error;
    }
  }

  /** Runs until `end` is called. */
  async run(): Promise<void> {
    const { intervalMs } = this.#options.settings;
    this.#deliverer.start();
    while (!this.#ended.signal.aborted) {
      const begun = performance.now();
      await this.poll();
      const rest = Math.max(0, intervalMs - (performance.now() - begun));
      await sleep(rest, undefined, { signal: this.#ended.signal }).catch(() => undefined);
    }
  }

  /** Tells the receivers at once of what somebody changed between two polls, as an acknowledgement. */
  tell(): void {
    this.store.database.atomically(() => {
      this.#judge.tell(this.now());
    });
    this.#deliverer.wake();
  }

  /** Ends `run` after what is under way. */
  end(): void {
    this.#ended.abort();
  }

  /** Waits for what is found out beside the polls. */
  settled(): Promise<void> {
    return this.#enquirer.settled();
  }

  /** To be called after `run` has ended. */
  async close(): Promise<void> {
    await Promise.all([this.#deliverer.stop(), this.#prober.close(), this.#enquirer.close()]);
    await Promise.all([this.#endpoints.close(), this.#node.close()]);
    this.store.close();
  }

  /** Reads what is new, judges and tells. What fails is logged, counted, and done again the next time. */
  async poll(): Promise<void> {
    const { log } = this.#options;
    await this.#reloadRules();
    try {
      const progress = await this.#follower.poll(() => this.#ended.signal.aborted);
      this.#progress = progress;
      const { failure } = progress;
      const isOther = failure instanceof OtherChainError;
      if (failure !== undefined) {
        this.metrics.error("poll");
        log[isOther ? "fatal" : "error"](told(failure), "The chain could not be followed");
      }
      // The values of another chain mean nothing.
      if (!isOther && progress.head !== undefined) await this.#probe(progress);
      this.#acceptDeclared();
      this.#judgeAll();
      this.metrics.progress(progress, this.now());
      this.metrics.store(this.store, this.#probes());
      this.#tidy();
      this.#report(failure);
      if (failure === undefined) {
        this.#beat();
        this.#enquirer.wake();
      }
    } catch (error) {
      this.metrics.error(error instanceof DatabaseError ? "database" : "poll");
      log.error(told(error), "This poll was not finished");
      this.#report(error);
    }
    this.#deliverer.wake();
  }

  status(): MonitorStatus {
    const { network, settings } = this.#options;
    const cursor = this.#progress?.cursor;
    const head = this.#progress?.head;
    const lag = cursor === undefined || head === undefined ? undefined : head - cursor.height;
    const problem =
      this.#problem ??
      (lag === undefined
        ? "the chain was not followed to its end yet"
        : lag > settings.readyLag
          ? `${lag} blocks behind the chain`
          : undefined);
    return {
      network,
      ready: problem === undefined,
      problem,
      height: cursor?.height,
      head,
      lastPoll: this.#polledAt === undefined ? undefined : new Date(this.#polledAt).toISOString(),
      rules: this.#rules.length,
      programs: this.#programs.map(({ id }) => id),
    };
  }

  #committed(blocks: readonly ObservedBlock[]): void {
    for (const block of blocks) {
      this.metrics.block(block);
      for (const { program } of block.watched) this.#touched.add(program);
    }
    const height = blocks.at(-1)?.height;
    this.#options.log.debug({ height, blocks: blocks.length }, "Blocks were read");
    this.#deliverer.wake();
  }

  #judgeBlocks(now: number): void {
    const rules = this.#rules.filter(({ cause }) => cause === "blocks");
    this.#judge.judge(rules, this.#facts(now));
    this.#judge.tell(this.now());
  }

  #judgeAll(): void {
    const now = Math.max(this.now(), this.store.chain.cursor()?.time ?? 0);
    this.store.database.atomically(() => {
      this.#judge.retire(this.#rules, now);
      this.#judge.judge(this.#rules, this.#facts(now));
      this.#judge.tell(now);
    });
  }

  /** @param now the moment that is judged, in ms: of the chain for its blocks */
  #facts(now: number): Facts {
    const { store } = this;
    const { chain, looks, probes } = store;
    return {
      network: this.#options.network,
      now,
      programs: this.#programs,
      cursor: chain.cursor(),
      head: this.#progress?.head,
      looks: this.#progress?.looks ?? [],
      strangers: this.#progress?.strangers ?? [],
      chain,
      answerTimes: (endpoint, from) => looks.answerTimes(endpoint, from),
      reading: (name) => probes.get(name),
      accepted: (name) => probes.fact(`accepted:${name}`),
    };
  }

  /** Each thing once that some rule wants to be read. */
  #probes(): Probe[] {
    const facts = this.#facts(this.now());
    const wanted = this.#rules.flatMap((rule) => rule.probes(facts));
    return [...new Map(wanted.map((probe) => [probeName(probe), probe])).values()];
  }

  async #probe({ cursor }: Progress): Promise<void> {
    const touched = this.#touched;
    this.#touched = new Set();
    const height = cursor?.height ?? 0;
    await this.#prober.read(this.#probes(), touched, height);
    // What a program's reading names, such as its owner's account, is read in the same poll.
    await this.#prober.read(this.#probes(), new Set(), height);
  }

  /** Without the file nothing is accepted, and whatever changes is told of. */
  #acceptDeclared(): void {
    const { log, settings } = this.#options;
    if (settings.programsFile === undefined) return;
    try {
      const declared = readDeclaredPrograms(settings.programsFile);
      for (const program of acceptDeclared(this.store.probes, declared)) {
        log.info({ program }, "The edition that the stack declares is on chain");
      }
    } catch (error) {
      if (!(error instanceof DeclaredProgramsError)) throw error;
      this.metrics.error("declared programs");
      log.error(told(error), "A new edition that the stack declares is not known as such");
    }
  }

  /** A file of rules that can't be used leaves the rules as they are. */
  async #reloadRules(): Promise<void> {
    const { log, settings, network, programs } = this.#options;
    try {
      const text = readFileSync(settings.rulesFile, "utf8");
      if (text === this.#rulesText) return;
      this.#rulesText = text;
      const file = parseRuleFile(text, settings.rulesFile);
      const watched = [...new Set([...programs, ...file.programs])];
      this.#programs = await withAddresses(watched, network, this.store.probes);
      this.#rules = file.rules;
      log.info({ rules: this.#rules.length, programs: watched }, "The rules were read again");
    } catch (error) {
      // What was not the file's fault is tried again.
      if (!(error instanceof RuleFileError)) this.#rulesText = "";
      this.metrics.error("rule file");
      log.error(told(error), "The rules stay as they were");
    }
  }

  #report(failure: unknown): void {
    const { log } = this.#options;
    const before = this.#problem;
    if (failure === undefined) this.#polledAt = this.now();
    this.#problem =
      failure === undefined
        ? undefined
        : failure instanceof Error
          ? failure.message
          : JSON.stringify(failure);
    if (before !== undefined && this.#problem === undefined)
      log.info("The chain is followed again");
  }

  /** Not waited for: a slow receiver holds up no poll. */
  #beat(): void {
    this.#options.heartbeat?.().catch((error: unknown) => {
      this.metrics.error("heartbeat");
      this.#options.log.warn(told(error), "The heartbeat was not taken");
    });
  }

  /** Forgets once an hour what is older than it is to be kept. */
  #tidy(): void {
    const now = this.now();
    if (now - this.#tidiedAt < hourMs) return;
    this.#tidiedAt = now;
    const { chain, looks, alerts, outbox, database } = this.store;
    const oldest = now - this.#options.settings.retentionMs;
    database.atomically(() => {
      looks.sumUp(now);
      looks.forgetBefore(now - looksKeptMs);
      looks.forgetHoursBefore(now - lookHoursKeptMs);
      chain.forgetBefore(oldest);
      alerts.forgetBefore(oldest);
      outbox.forgetBefore(oldest);
    });
  }
}
