import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { pino } from "pino";
import { type Access, dashboardAccess } from "../../../monitor/dashboard/access.ts";
import { addDashboard } from "../../../monitor/dashboard/dashboard.ts";
import { readRules } from "../../../monitor/rule/rule-file.ts";
import type { NewAlert } from "../../../monitor/store/alert-store.ts";
import { Store } from "../../../monitor/store/store.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

export const token = "a token that is long enough";
export const program = "agent_registry_v3.aleo";
const rulesFile = join(import.meta.dirname, "..", "..", "..", "monitor", "rules", "local.yaml");

export interface Served {
  readonly server: FastifyInstance;
  readonly store: Store;
  close(): Promise<void>;
}

/** The dashboard over a store of its own, asked without a network. */
export async function serve({
  access = dashboardAccess({ MONITOR_TOKEN: token }),
  host = "127.0.0.1",
  now = Date.now,
  programs = [program],
}: {
  readonly access?: Access;
  readonly host?: string;
  readonly now?: () => number;
  readonly programs?: readonly string[];
} = {}): Promise<Served> {
  const scratch = temporaryDirectory("dashboard");
  const store = Store.open(join(scratch.path, "monitor.sqlite"), "local");
  const server = Fastify();
  await addDashboard(server, {
    ...{ access, host },
    log: pino({ level: "silent" }),
    receivers: [{ name: "pagerduty", takes: () => true }],
    rules: () => readRules(rulesFile),
    monitor: {
      ...{ network: "local", now, store, tell: () => undefined },
      status: () => ({
        ...{ network: "local", ready: true, problem: undefined, height: 5, head: 5, rules: 1 },
        lastPoll: new Date(now()).toISOString(),
        programs,
      }),
    },
  });
  return {
    server,
    store,
    close: async () => {
      await server.close();
      store.close();
      scratch.remove();
    },
  };
}

/** Puts an alert into the store that has fired and is firing. */
export function fire(store: Store, changes: Partial<NewAlert> = {}): number {
  const { alerts } = store;
  const firedAt = Date.now() - 60_000;
  const id = alerts.add({
    ...{ rule: "paused", subject: program, severity: "high", status: "pending" },
    ...{ since: firedAt, height: 3, value: "paused", summary: `${program} is paused` },
    ...{ runbook: "runbooks/emergency-pause.md#paused", dedupKey: undefined, firedAt: undefined },
    ...changes,
  });
  const { summary = "", value = "", height = 0, severity = "high" } = alerts.get(id) ?? {};
  alerts.fire(id, { dedupKey: `key-${id}`, firedAt, height, summary, value, severity });
  alerts.record(id, firedAt, "fired", summary);
  return id;
}
