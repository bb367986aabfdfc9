import { setTimeout as sleep } from "node:timers/promises";
import { AleoError } from "../../aleo/errors.ts";
import { redact } from "../../aleo/keys.ts";
import type { Network } from "../../aleo/network.ts";
import type { Notice } from "../../monitor/alert/notices.ts";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { Outcome, Route } from "../../monitor/deliver/route.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { table } from "../text.ts";

export class NobodyToAlertError extends AleoError {}

export interface EmergencyAlert {
  readonly network: Network;
  /** What happened, in the words of who raises it. */
  readonly text: string;
  readonly severity: Severity;
  /** Height of the chain where it is known. */
  readonly height: number | undefined;
}

export interface EmergencyAlertReport {
  /** By which the receivers know this alert again. */
  readonly dedupKey: string;
  readonly routes: readonly {
    readonly route: string;
    readonly reached: boolean;
    /** Why not. */
    readonly problem?: string;
  }[];
}

/** Waits before the second and the third attempt, in ms. */
const waitsMs = [1_000, 3_000];

/**
 * Tells every receiver what somebody raises by hand.
 * @throws NobodyToAlertError where no receiver is set
 */
export async function emergencyAlert(
  routes: readonly Route[],
  { network, text, severity, height }: EmergencyAlert,
): Promise<EmergencyAlertReport> {
  const time = new Date().toISOString();
  const dedupKey = `aleo-ops/${network}/emergency/${time}`;
  const notice: Notice = {
    ...{ action: "trigger", dedupKey, network, severity, height, time, test: false },
    rule: "emergency",
    subject: network,
    summary: redact(text),
    value: "raised by hand",
    runbook: undefined,
  };
  return tellAll(routes, notice);
}

/**
 * Tells every receiver at once, each up to three times where it does not take it.
 * @throws NobodyToAlertError where no receiver is set
 */
export async function tellAll(
  routes: readonly Route[],
  notice: Notice,
): Promise<EmergencyAlertReport> {
  const { severity, dedupKey } = notice;
  if (routes.length === 0) {
    throw new NobodyToAlertError("No receiver is set, so nobody was told.", {
      remedy:
        "Call people. To have this command tell them, set PAGERDUTY_KEY_CRITICAL … _LOW, ALERT_WEBHOOK, ALERT_WEBHOOK_URL or SMTP_URL as the monitor has them.",
    });
  }
  const told = routes.map(async (route) => {
    if (!route.takes(severity)) {
      const problem = `it takes no alert of the severity ${severity}`;
      return { route: route.name, reached: false, problem };
    }
    const outcome = await sendWithPatience(route, notice);
    return outcome.kind === "sent"
      ? { route: route.name, reached: true }
      : { route: route.name, reached: false, problem: outcome.problem };
  });
  return { dedupKey, routes: await Promise.all(told) };
}

async function sendWithPatience(route: Route, notice: Notice): Promise<Outcome> {
  for (const wait of waitsMs) {
    const outcome = await route.send(notice);
    if (outcome.kind !== "failed") return outcome;
    await sleep(wait);
  }
  return route.send(notice);
}

export function codeOf({ routes }: EmergencyAlertReport): ExitCode {
  return routes.some(({ reached }) => reached) ? exitCode.ok : exitCode.failed;
}

export function emergencyAlertText(report: EmergencyAlertReport): string {
  const rows = report.routes.map(({ route, reached, problem = "" }) => [
    route,
    reached ? "✔ reached" : "✖ not reached",
    problem,
  ]);
  const nobody =
    codeOf(report) === exitCode.ok ? [] : ["Nobody was reached. What to do: call people by phone."];
  const isPaged = report.routes.some(({ route, reached }) => reached && route === "pagerduty");
  const pages = isPaged
    ? ["Acknowledge it in PagerDuty, or it goes up to the next; resolve it there when it is over."]
    : [];
  return [table(["Receiver", "Outcome", ""], rows), ...pages, ...nobody].join("\n");
}
