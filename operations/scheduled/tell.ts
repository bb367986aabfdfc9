import type { Network } from "../../aleo/network.ts";
import type { Notice } from "../../monitor/alert/notices.ts";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { Route } from "../../monitor/deliver/route.ts";
import { type EmergencyAlertReport, tellAll } from "../emergency/alert.ts";
import { exitCode } from "../exit-code.ts";
import { formatMoment } from "../text.ts";
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

interface Told {
  readonly routes: EmergencyAlertReport["routes"];
  /** When a failure that lasts was told of in messages; undefined where it is over. */
  readonly inMessages: Date | undefined;
}

/** A failure that lasts is told of in messages again after so long. */
const remindedAfterMs = 6 * 3_600_000;

/**
 * Tells every receiver of a run that failed, and of the good one that ends it; what is for people to
 * read is posted anyway. For PagerDuty all failures in a row are one incident; a message comes at the
 * first of them and then every six hours.
 * @param last when messages told of a failure that has lasted until now
 */
export async function tellOfRun(
  routes: readonly Route[],
  scheduled: Scheduled,
  run: ScheduledRun,
  time: Date,
  last: Date | undefined,
): Promise<Told> {
  const { severity, isPosted } = scheduled;
  const pagers = routes.filter(({ name }) => name === "pagerduty");
  const isGood = run.code === exitCode.ok;
  const isWaiting = last !== undefined && time.getTime() - last.getTime() < remindedAfterMs;
  const isWritten = isGood ? isPosted || last !== undefined : !isWaiting;
  const isOver = isGood && last !== undefined;
  const notice = noticeOf(scheduled, run, time);
  const tell = async (to: readonly Route[], message: Notice) =>
    to.length === 0 ? [] : (await tellAll(to, message)).routes;
  const [paged, written] = await Promise.all([
    tell(
      pagers.filter((route) => !isGood || route.takes(severity)),
      { ...notice, action: isGood ? "resolve" : "trigger" },
    ),
    tell(isWritten ? routes.filter((route) => !pagers.includes(route)) : [], {
      ...notice,
      action: isOver ? "resolve" : "trigger",
      // By this a mailbox puts the end to its beginning, and tells one failure from another.
      dedupKey: `${notice.dedupKey}/${(isOver ? last : time).toISOString()}`,
    }),
  ]);
  const isTold = written.some(({ reached }) => reached);
  const begun = isTold ? time : last;
  const ended = isTold || written.length === 0 ? undefined : last;
  return { routes: [...paged, ...written], inMessages: isGood ? ended : begun };
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

export function toldText({ code }: ScheduledRun, { routes, inMessages }: Told): string[] {
  if (code !== exitCode.ok && routes.length === 0) {
    return [
      inMessages === undefined
        ? "✖ Nobody was told: no receiver of alerts is set."
        : `Told of at ${formatMoment(inMessages)}, and told again six hours later.`,
    ];
  }
  const what = code === exitCode.ok ? "that it went well" : "that it did not go well";
  return routes.map(({ route, reached, problem = "" }) =>
    reached ? `✔ ${route} was told ${what}` : `✖ ${route} was not told ${what}: ${problem}`,
  );
}
