import type { Severity } from "./severity.ts";

/** What is told of an alert, and in this order. */
export type Action = "trigger" | "acknowledge" | "resolve";

/** What receivers were told of an alert last. */
export type Notified = "nothing" | Action;

/** One message about one alert, as every route gets it. It holds no secret. */
export interface Notice {
  readonly action: Action;
  readonly dedupKey: string;
  readonly network: string;
  readonly rule: string;
  /** The program, endpoint or account that it is about. */
  readonly subject: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly value: string;
  /** Height that the monitor had read when it fired; undefined where none is known. */
  readonly height: number | undefined;
  /** ISO 8601, of what the notice tells. */
  readonly time: string;
  readonly runbook: string | undefined;
  /** What a person may read besides, of several lines. */
  readonly details?: string;
  /** Sent by `aleo-ops alerts test`, so that nobody takes it for real. */
  readonly test: boolean;
}

/**
 * What is to be told now. An alert that was silenced when it fired is told of when the silence
 * ends, if it still fires; one that was never told of is not resolved to anybody either.
 */
export function nextActions(
  status: "pending" | "firing" | "acknowledged" | "resolved",
  notified: Notified,
  silenced: boolean,
): Action[] {
  if (status === "pending" || notified === "resolve") return [];
  if (notified === "nothing") {
    if (silenced || status === "resolved") return [];
    return status === "acknowledged" ? ["trigger", "acknowledge"] : ["trigger"];
  }
  if (status === "resolved") return ["resolve"];
  return status === "acknowledged" && notified === "trigger" ? ["acknowledge"] : [];
}
