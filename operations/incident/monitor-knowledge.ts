import type { Network } from "../../aleo/network.ts";
import type { Environment } from "../../settings.ts";
import { askMonitor } from "../monitor/ask.ts";
import type { Known } from "./post-mortem.ts";

/** What happened shortly before an incident is opened belongs to it. */
const beforeMs = 3_600_000;

/**
 * What the monitor knew from an hour before the incident on. An incident can be closed without it, so
 * that no trouble of the monitor's is an error here.
 */
export async function monitorKnowledge(
  network: Network,
  environment: Environment,
  opened: number,
  now: number,
): Promise<Known> {
  try {
    const lastMs = now - opened + beforeMs;
    return { summary: await askMonitor(network, environment, "summary", { lastMs }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
