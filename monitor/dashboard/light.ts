import type { MonitorStatus } from "../monitor.ts";
import type { Alert } from "../store/alert-store.ts";

/** How something stands, by its open alerts. `unknown`: the monitor can't tell at the moment. */
export type Light = "trouble" | "attention" | "fine" | "unknown";

export const lightWords: Readonly<Record<Light, string>> = {
  trouble: "Trouble",
  attention: "Look at it",
  fine: "Fine",
  unknown: "Not known",
};

/** A chain that was last followed longer ago says nothing of now, in ms. */
const staleMs = 300_000;

/** Why what is shown may not be how it is; undefined where it is. */
export function doubt(status: MonitorStatus, now: number): string | undefined {
  if (status.problem !== undefined) return status.problem;
  const polled = status.lastPoll === undefined ? 0 : Date.parse(status.lastPoll);
  return now - polled > staleMs ? "the chain was not followed for more than 5 minutes" : undefined;
}

/**
 * An alert shows even where the monitor is blind by now; that nothing is wrong is said only where
 * it is not.
 */
export function lightOf(alerts: readonly Alert[], isDoubtful: boolean): Light {
  if (alerts.some(({ severity }) => severity === "critical" || severity === "high")) {
    return "trouble";
  }
  if (isDoubtful) return "unknown";
  return alerts.length > 0 ? "attention" : "fine";
}
