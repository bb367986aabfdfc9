import type { Network } from "../../aleo/network.ts";
import type { Notice } from "../../monitor/alert/notices.ts";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { Route } from "../../monitor/deliver/route.ts";
import { type EmergencyAlertReport, tellAll } from "../emergency/alert.ts";
import { exitCode } from "../exit-code.ts";
import type { ScheduledRun } from "./run.ts";

/** An operation that runs by the clock, and whom it tells what. */
export interface Scheduled {
  /** The name of its CronJob. */
  readonly operation: string;
  readonly network: Network;
  /** Of the alert that a failed run is. */
  readonly severity: Severity;
  readonly runbook: string | undefined;
  /** Whether what it found is posted where all is well, too. */
  readonly isPosted: boolean;
}

type Told = EmergencyAlertReport["routes"];

/**
 * Tells every receiver of a run that failed; one that went well ends PagerDuty's incident, and is
 * posted to the others where its findings are for people to read. For PagerDuty all failures in a row
 * are one incident; whoever reads messages gets one a run.
 */
export async function tellOfRun(
  routes: readonly Route[],
  scheduled: Scheduled,
  run: ScheduledRun,
  time: Date,
): Promise<Told> {
  const { severity, isPosted } = scheduled;
  const pagers = routes.filter(({ name }) => name === "pagerduty");
  const others = routes.filter((route) => !pagers.includes(route));
  const isGood = run.code === exitCode.ok;
  const notice = noticeOf(scheduled, run, time);
  const tell = async (to: readonly Route[], message: Notice) =>
    to.length === 0 ? [] : (await tellAll(to, message)).routes;
  const [paged, written] = await Promise.all([
    tell(
      pagers.filter((route) => !isGood || route.takes(severity)),
      { ...notice, action: isGood ? "resolve" : "trigger" },
    ),
    // By this a mailbox tells a message from the one of the day before.
    tell(isGood && !isPosted ? [] : others, {
      ...notice,
      dedupKey: `${notice.dedupKey}/${notice.time}`,
    }),
  ]);
  return [...paged, ...written];
}

const ends: Readonly<Record<number, string>> = {
  [exitCode.failed]: "failed",
  [exitCode.wrongUsage]: "was called wrongly",
  [exitCode.verificationFailed]: "found something that is not as it should be",
  [exitCode.partlyDone]: "is done in part",
};

function noticeOf(
  { operation, network, severity, runbook }: Scheduled,
  { code, end, tries, stdout, stderr }: ScheduledRun,
  time: Date,
): Notice {
  const times = tries === 1 ? "" : `, ${tries} times`;
  const what =
    code === exitCode.ok ? "is done" : `${ends[code ?? -1] ?? "was ended"} (${end}${times})`;
  const error = /^error: .*/m.exec(stderr)?.[0];
  return {
    ...{ action: "trigger", network, severity, height: undefined, test: false, runbook },
    dedupKey: `aleo-ops/${network}/scheduled/${operation}`,
    rule: operation,
    subject: network,
    summary: `The scheduled ${operation} of ${network} ${what}${error === undefined ? "" : `: ${error}`}`,
    value: end,
    time: time.toISOString(),
    details: shortened(code === exitCode.ok ? stdout : `${stdout}${stderr}`),
  };
}

const mostDetails = 8_000;

/** The beginning, which says what it is, and the end, which says what came of it. */
function shortened(text: string): string {
  const whole = text.trim();
  if (whole.length <= mostDetails) return whole;
  const half = mostDetails / 2;
  return `${whole.slice(0, half)}\n[…]\n${whole.slice(-half)}`;
}

export function toldText({ code }: ScheduledRun, told: Told): string[] {
  if (code !== exitCode.ok && told.length === 0) {
    return ["✖ Nobody was told: no receiver of alerts is set."];
  }
  return told.map(({ route, reached, problem = "" }) =>
    reached ? `✔ ${route} was told` : `✖ ${route} was not told: ${problem}`,
  );
}
