import type { Network } from "../../aleo/network.ts";
import { Judge } from "../alert/judge.ts";
import type { Severity } from "../alert/severity.ts";
import type { ObservedBlock, WatchedProgram } from "../chain/observe.ts";
import type { Facts } from "../rule/kind.ts";
import type { Rule } from "../rule/rule-file.ts";
import type { Reading } from "../store/probe-store.ts";
import { Store } from "../store/store.ts";
import { probeName } from "../watch/probe.ts";
import type { ProgramReading } from "../watch/readings.ts";

/** An alert as it would have been. */
export interface BacktestAlert {
  readonly rule: string;
  readonly subject: string;
  readonly severity: Severity;
  /** ISO 8601, of the chain. */
  readonly firedAt: string;
  /** The last block that was read when it fired. */
  readonly height: number;
  readonly summary: string;
  readonly value: string;
  /** Undefined where it was still open at the last block. */
  readonly resolvedAt: string | undefined;
}

export interface BacktestResult {
  readonly alerts: readonly BacktestAlert[];
  /** Rules that look at what blocks don't hold: entries, balances, endpoints, backups. */
  readonly notJudged: readonly string[];
  /** Rules that could not be evaluated, and why. */
  readonly failures: Readonly<Record<string, string>>;
  readonly blocks: number;
  /** Calls and deployments of the watched programs. */
  readonly transactions: number;
}

export interface BacktestOptions {
  readonly network: Network;
  readonly programs: readonly WatchedProgram[];
  readonly rules: readonly Rule[];
  /** Between two polls of the monitor, in ms. */
  readonly intervalMs: number;
}

/** However long no block comes, it is not polled more often than this in between. */
const mostPolls = 1_440;

/**
 * Rules over old blocks, at the blocks' own time: judged at each block and at each poll in between,
 * as a monitor that began at the first of them would have. It asks no node and tells nobody.
 */
export class Backtest {
  readonly #options: BacktestOptions;
  readonly #store: Store;
  readonly #judge: Judge;
  readonly #rules: readonly Rule[];
  readonly #judged = new Set<string>();
  readonly #failures = new Map<string, string>();
  #blocks = 0;
  #transactions = 0;
  #polledAt: number | undefined;

  constructor(options: BacktestOptions) {
    this.#options = options;
    this.#store = Store.open(":memory:", options.network);
    this.#judge = new Judge({
      ...{ store: this.#store, network: options.network, receivers: [] },
      failed: (rule, error) => {
        this.#failures.set(rule, error instanceof Error ? error.message : String(error));
      },
    });
    // A monitor that is behind shows in no block.
    this.#rules = options.rules
      .filter(({ kind }) => kind !== "monitor-lag")
      .map((rule) => this.#noting(rule));
  }

  /** Takes the next block. */
  take(block: ObservedBlock): void {
    const { chain, database } = this.#store;
    const { height, time, watched } = block;
    database.atomically(() => {
      if (chain.cursor() === undefined) chain.begin({ height: height - 1, hash: "", time: 0 });
      else this.#pollUntil(time);
      chain.add(block);
      if (watched.length > 0) this.#judgeBlocks(time);
      // The genesis block is older than its network.
      if (height > 0) this.#polledAt ??= time;
    });
    this.#blocks += 1;
    this.#transactions += watched.length;
  }

  /** Judges for the last time; the backtest is over. */
  finish(): BacktestResult {
    const { alerts, chain, database } = this.#store;
    database.atomically(() => {
      this.#poll(chain.cursor()?.time ?? 0);
    });
    const result = {
      alerts: alerts
        .since(0)
        .toReversed()
        .map(
          ({
            rule,
            subject,
            severity,
            firedAt = 0,
            height,
            summary,
            value,
            resolvedAt,
          }): BacktestAlert => ({
            ...{ rule, subject, severity, height, summary, value },
            firedAt: new Date(firedAt).toISOString(),
            resolvedAt: resolvedAt === undefined ? undefined : new Date(resolvedAt).toISOString(),
          }),
        ),
      notJudged: this.#options.rules.map(({ id }) => id).filter((id) => !this.#judged.has(id)),
      failures: Object.fromEntries(this.#failures),
      blocks: this.#blocks,
      transactions: this.#transactions,
    };
    this.close();
    return result;
  }

  /** To be called where it is not finished. */
  close(): void {
    this.#store.close();
  }

  #noting(rule: Rule): Rule {
    return {
      ...rule,
      evaluate: (facts) => {
        const findings = rule.evaluate(facts);
        if (findings.some(({ verdict }) => verdict !== "unknown")) this.#judged.add(rule.id);
        return findings;
      },
    };
  }

  /** The polls that a monitor would have made before the next block came at this time. */
  #pollUntil(time: number): void {
    if (this.#polledAt === undefined) return;
    const gap = time - this.#polledAt;
    const step = Math.max(this.#options.intervalMs, Math.ceil(gap / mostPolls));
    while (this.#polledAt + step < time) {
      this.#polledAt += step;
      this.#poll(this.#polledAt);
    }
  }

  #judgeBlocks(now: number): void {
    const rules = this.#rules.filter(({ cause }) => cause === "blocks");
    this.#judge.judge(rules, this.#facts(now));
  }

  #poll(now: number): void {
    this.#judge.judge(this.#rules, this.#facts(now));
  }

  #facts(now: number): Facts {
    const { network, programs } = this.#options;
    const { chain } = this.#store;
    const cursor = chain.cursor();
    return {
      ...{ network, now, programs, cursor, head: cursor?.height, chain },
      looks: [],
      strangers: [],
      answerTimes: () => [],
      reading: (name) => this.#reading(name),
      accepted: (name) => this.#accepted(name),
    };
  }

  /** What a program's deployments tell of it. */
  #reading(name: string): Reading | undefined {
    const last = this.#deployments(name).at(-1);
    if (last === undefined) return undefined;
    const { edition, owner, height, time } = last;
    const value = { edition, owner } satisfies ProgramReading;
    const when = { height, readAt: time, changedAt: time, problem: undefined };
    return { value: JSON.stringify(value), ...when };
  }

  /** A program is right as it is first deployed; before an upgrade stood the edition before. */
  #accepted(name: string): string | undefined {
    const [first] = this.#deployments(name);
    if (first === undefined) return undefined;
    const { edition, owner } = first;
    const accepted = edition === 0 ? { edition, owner } : { edition: edition - 1 };
    return JSON.stringify(accepted);
  }

  #deployments(name: string): Deployment[] {
    const program = this.#options.programs.find(
      ({ id }) => probeName({ kind: "program", program: id }) === name,
    );
    if (program === undefined) return [];
    return this.#store.database
      .all(
        `SELECT edition, owner, height, time FROM transactions
         WHERE program = :program AND kind = 'deploy' AND status = 'accepted'
           AND edition IS NOT NULL ORDER BY height`,
        { program: program.id },
      )
      .map((row) => ({
        edition: Number(row.edition),
        owner: typeof row.owner === "string" ? row.owner : undefined,
        height: Number(row.height),
        time: Number(row.time),
      }));
  }
}

interface Deployment {
  readonly edition: number;
  readonly owner: string | undefined;
  readonly height: number;
  readonly time: number;
}
