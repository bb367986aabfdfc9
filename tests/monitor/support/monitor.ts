import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { Route } from "../../../monitor/deliver/route.ts";
import { Monitor } from "../../../monitor/monitor.ts";
import type { Alert } from "../../../monitor/store/alert-store.ts";
import type { BackupReading } from "../../../monitor/watch/readings.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

/** A clock that can be put forward, so that nothing has to be waited for. */
class Clock {
  #aheadMs = 0;
  readonly now = (): number => Date.now() + this.#aheadMs;

  forward(milliseconds: number): void {
    this.#aheadMs += milliseconds;
  }

  reset(): void {
    this.#aheadMs = 0;
  }
}

export interface MonitorUnderTest {
  readonly monitor: Monitor;
  readonly clock: Clock;
  readonly database: string;
  /** Writes other rules into its file. */
  setRules(rules: string): void;
  /** Writes what the stack declares. */
  declare(programs: Readonly<Record<string, string>>): void;
  /** Polls, and gives the rules and subjects of what fires now. */
  firing(): Promise<string[]>;
  open(rule: string): Alert | undefined;
  /** Lines of its log. */
  readonly log: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** A monitor with a database and rules of its own, which polls when told to. */
export async function openMonitor({
  endpoints,
  programs,
  rules,
  fromBlock = 0,
  routes = [],
  directory,
  backups,
}: {
  readonly endpoints: readonly string[];
  readonly programs: readonly string[];
  readonly rules: string;
  readonly fromBlock?: number;
  readonly routes?: readonly Route[];
  /** Of an earlier one, to go on with its database. */
  readonly directory?: string;
  readonly backups?: () => Promise<BackupReading>;
}): Promise<MonitorUnderTest> {
  const scratch = directory === undefined ? temporaryDirectory("monitor") : undefined;
  const folder = directory ?? scratch?.path ?? "";
  const rulesFile = join(folder, "local.yaml");
  const database = join(folder, "monitor.sqlite");
  writeFileSync(rulesFile, rules);
  const programsFile = join(folder, "programs.json");
  writeFileSync(programsFile, "{}");
  const clock = new Clock();
  let isClosed = false;
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: "debug" },
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const monitor = await Monitor.open({
    ...{ network: "local", endpoints, programs, routes, log, fromBlock, now: clock.now },
    backups,
    settings: {
      intervalMs: 100,
      ...{ database, rulesFile, programsFile },
      host: "127.0.0.1",
      port: 0,
      retentionMs: 30 * 86_400_000,
      readyLag: 10,
    },
  });
  return {
    ...{ monitor, clock, database, log: lines },
    setRules: (text) => {
      writeFileSync(rulesFile, text);
    },
    declare: (declared) => {
      writeFileSync(programsFile, JSON.stringify(declared));
    },
    firing: async () => {
      await monitor.poll();
      await monitor.settled();
      return monitor.store.alerts
        .open()
        .filter(({ status }) => status !== "pending")
        .map(({ rule, subject }) => `${rule} ${subject}`);
    },
    open: (rule) => monitor.store.alerts.open().find((alert) => alert.rule === rule),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await monitor.close();
      scratch?.remove();
    },
  };
}
