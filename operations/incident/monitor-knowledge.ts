import { existsSync } from "node:fs";
import { request } from "undici";
import type { Network } from "../../aleo/network.ts";
import { monitorSettings } from "../../monitor/settings.ts";
import { Store } from "../../monitor/store/store.ts";
import { summarize, type Summary } from "../../monitor/summary.ts";
import type { Environment } from "../../settings.ts";
import type { Known } from "./post-mortem.ts";

/** What happened shortly before an incident is opened belongs to it. */
const beforeMs = 3_600_000;
const patienceMs = 10_000;

/**
 * What the monitor knew from an hour before the incident on: from its database, or over MONITOR_URL. An
 * incident can be closed without it, so that no trouble of the monitor's is an error here.
 */
export async function monitorKnowledge(
  network: Network,
  environment: Environment,
  opened: number,
  now: number,
): Promise<Known> {
  const from = opened - beforeMs;
  try {
    const url = environment.MONITOR_URL ?? "";
    if (url !== "") return { summary: await overHttp(url, now - from) };
    const { database } = monitorSettings(network, environment);
    if (!existsSync(database)) return { problem: `there is no monitor's database at ${database}` };
    const store = Store.open(database, network);
    try {
      return { summary: summarize(store, network, from, now) };
    } finally {
      store.close();
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function overHttp(url: string, spanMs: number): Promise<Summary> {
  const { statusCode, body } = await request(
    new URL(`/summary?last=${Math.ceil(spanMs / 60_000)}m`, url),
    { signal: AbortSignal.timeout(patienceMs) },
  );
  if (statusCode !== 200) throw new Error(`the monitor at ${url} answers HTTP ${statusCode}`);
  return (await body.json()) as Summary;
}
