import { formatCredits } from "../../aleo/network.ts";
import type { FunctionSummary } from "../../monitor/store/chain-store.ts";
import type { EndpointTimes } from "../../monitor/store/look-store.ts";
import { type Day, type Week, weekMs } from "../../monitor/week.ts";
import type { Environment, Settings } from "../../settings.ts";
import { askMonitor } from "../monitor/ask.ts";
import { formatMoment, plural } from "../text.ts";
import { change, figure, percent } from "./figure.ts";
import { type Line, type Report, type Section, unseen, unseenFor } from "./report.ts";

/** How the programs did in the last seven days, against the seven before. */
export async function weeklyReport(
  { network }: Pick<Settings, "network">,
  environment: Environment,
): Promise<Report> {
  return {
    title: "Weekly report",
    network,
    at: new Date().toISOString(),
    about: "the last 7 days, against the 7 days before",
    sections: await sectionsOf(network, environment),
  };
}

async function sectionsOf(
  network: Settings["network"],
  environment: Environment,
): Promise<Section[]> {
  try {
    const { week, before, watchedSince } = await askMonitor(network, environment, "weeks", {});
    const isWhole = watchedSince !== undefined && watchedSince <= Date.now() - 2 * weekMs;
    return [
      throughput(week, before, isWhole ? [] : [gapLine(watchedSince)]),
      latency(week, before),
      failures(week, before),
      fees(week, before),
    ];
  } catch (error) {
    return [{ title: "Performance", lines: [unseenFor("the monitor", error)] }];
  }
}

function gapLine(watchedSince: number | undefined): Line {
  const since = watchedSince === undefined ? "now" : formatMoment(watchedSince);
  return {
    subject: "time",
    verdict: "notice",
    finding: `the monitor has watched only since ${since}: what is before counts as nothing`,
  };
}

const isCall = ({ kind }: FunctionSummary) => kind === "execute";
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const callsIn = (functions: readonly FunctionSummary[], status?: string) =>
  sum(
    functions
      .filter((one) => isCall(one) && (status === undefined || one.status === status))
      .map(({ count }) => count),
  );

function throughput(week: Week, before: Week, gap: readonly Line[]): Section {
  const [now, then] = [callsIn(week.functions), callsIn(before.functions)];
  const names = [...Map.groupBy(week.functions, nameOf).keys()];
  return {
    title: "Throughput",
    lines: [
      ...gap,
      {
        subject: "calls",
        verdict: "good",
        finding: `${plural(now, "call")}, ${figure(now / 7)} a day; the week before ${then === 0 ? "none" : `${figure(then)} (${change(now, then)})`}`,
      },
    ],
    tables:
      names.length === 0
        ? []
        : [
            {
              header: ["Function", "Calls", "Before", "Change", "Rejected", "In", "Out"],
              rows: names.map((name) => functionRow(name, week.functions, before.functions)),
            },
          ],
    charts: week.days.length === 0 ? [] : [callsChart([...before.days, ...week.days])],
  };
}

function nameOf({ program, function: name, kind }: FunctionSummary): string {
  return `${program}/${name === "" ? kind : name}`;
}

function functionRow(
  name: string,
  week: readonly FunctionSummary[],
  before: readonly FunctionSummary[],
): string[] {
  const own = week.filter((one) => nameOf(one) === name);
  const count = sum(own.map((one) => one.count));
  const then = sum(before.filter((one) => nameOf(one) === name).map((one) => one.count));
  const rejected = sum(own.filter(({ status }) => status === "rejected").map((one) => one.count));
  return [
    name,
    figure(count),
    figure(then),
    change(count, then),
    rejected === 0 ? "–" : `${figure(rejected)} (${percent(rejected / count)})`,
    formatCredits(BigInt(sum(own.map(({ creditsIn }) => creditsIn)))),
    formatCredits(BigInt(sum(own.map(({ creditsOut }) => creditsOut)))),
  ];
}

function callsChart(days: readonly Day[]) {
  return {
    ...{ title: "Calls a day", unit: "calls", kind: "bars" as const },
    labels: days.map(({ label }) => label),
    series: [
      { name: "accepted", values: days.map(({ accepted }) => accepted) },
      { name: "rejected", values: days.map(({ rejected }) => rejected) },
    ],
  };
}

const slowAfterMs = 3_000;
const fewLooks = 20;

function latency(week: Week, before: Week): Section {
  const blocks = week.betweenBlocksMs;
  const then = before.betweenBlocksMs;
  const seconds = (ms: number) => `${figure(ms / 1_000)} s`;
  return {
    title: "Latency",
    lines: [
      blocks === undefined
        ? unseen(
            "blocks",
            "the monitor has read too few",
            "Let the monitor run: see `/readyz` where it has not begun.",
          )
        : {
            subject: "blocks",
            verdict: "good",
            finding: `one every ${seconds(blocks)}; the week before ${then === undefined ? "is not known" : `every ${seconds(then)} (${change(blocks, then)})`}`,
          },
      ...week.endpoints.map((one) =>
        endpointLine(
          one,
          before.endpoints.find(({ endpoint }) => endpoint === one.endpoint),
        ),
      ),
    ],
    charts:
      blocks === undefined || week.days.length === 0
        ? []
        : [blocksChart([...before.days, ...week.days])],
  };
}

function endpointLine(now: EndpointTimes, then: EndpointTimes | undefined): Line {
  const { median, slowest5Percent: slow } = now;
  const isSlow = now.looks >= fewLooks && slow > slowAfterMs;
  const before =
    then === undefined
      ? "is not known"
      : `${figure(then.median)} ms (${change(median, then.median)}) and ${figure(then.slowest5Percent)} ms (${change(slow, then.slowest5Percent)})`;
  return {
    subject: now.endpoint,
    verdict: isSlow ? "bad" : "good",
    finding: `answers in ${figure(median)} ms, 95 of 100 within ${figure(slow)} ms; the week before ${before}; ${figure(now.failed)} of ${plural(now.looks, "look")} failed`,
    ...(isSlow ? { remedy: "Put a faster endpoint first: `aleo-ops node` compares them." } : {}),
  };
}

function blocksChart(days: readonly Day[]) {
  return {
    ...{ title: "Time between two blocks", unit: "s", kind: "lines" as const },
    labels: days.map(({ label }) => label),
    series: [
      {
        name: "mean",
        values: days.map(({ betweenBlocksMs: ms }) => (ms === undefined ? null : ms / 1_000)),
      },
    ],
  };
}

/** As the rule `failure-rate` on testnet and mainnet. */
const tooManyRejected = 0.1;
const fewCalls = 10;

function failures(week: Week, before: Week): Section {
  const programs = [
    ...new Set(week.functions.filter(isCall).map(({ program }) => program)),
  ].toSorted();
  const lines = programs.map((program): Line => {
    const rate = ({ functions }: Week) => {
      const own = functions.filter((one) => one.program === program);
      const all = callsIn(own);
      return { all, share: all === 0 ? 0 : callsIn(own, "rejected") / all };
    };
    const now = rate(week);
    const then = rate(before);
    const isBad = now.all >= fewCalls && now.share > tooManyRejected;
    return {
      subject: program,
      verdict: isBad ? "bad" : now.share > tooManyRejected ? "notice" : "good",
      finding: `${percent(now.share)} of ${plural(now.all, "call")} were rejected; the week before ${then.all === 0 ? "none was made" : percent(then.share)}`,
      ...(isBad ? { remedy: `See why: \`aleo-ops failures ${program} --last 7d\`.` } : {}),
    };
  });
  const days = [...before.days, ...week.days];
  return {
    title: "Failures",
    lines:
      lines.length > 0
        ? lines
        : [{ subject: "calls", verdict: "good", finding: "there was none, so none failed" }],
    charts:
      days.length === 0
        ? []
        : [
            {
              ...{ title: "Share of calls that were rejected", unit: "%", kind: "lines" },
              labels: days.map(({ label }) => label),
              series: [
                {
                  name: "rejected",
                  values: days.map(({ accepted, rejected }) =>
                    accepted + rejected === 0 ? null : (rejected / (accepted + rejected)) * 100,
                  ),
                },
              ],
            },
          ],
  };
}

function fees(week: Week, before: Week): Section {
  const paid = ({ functions }: Week, status?: string) =>
    sum(
      functions
        .filter((one) => isCall(one) && (status === undefined || one.status === status))
        .map((one) => one.fees),
    );
  const [now, then, lost] = [paid(week), paid(before), paid(week, "rejected")];
  const [calls, callsBefore] = [callsIn(week.functions), callsIn(before.functions)];
  const mean = calls === 0 ? 0 : now / calls;
  const meanBefore = callsBefore === 0 ? 0 : then / callsBefore;
  const amount = (microcredits: number) => formatCredits(BigInt(Math.round(microcredits)));
  const weekBefore = (value: number, valueBefore: number) =>
    valueBefore === 0
      ? "nothing the week before"
      : `the week before ${amount(valueBefore)} (${change(value, valueBefore)})`;
  const days = [...before.days, ...week.days];
  return {
    title: "Fees",
    lines: [
      {
        subject: "paid by callers",
        verdict: "good",
        finding: `${amount(now)}; ${weekBefore(now, then)}`,
      },
      {
        subject: "a call",
        verdict: meanBefore > 0 && mean > 3 * meanBefore ? "notice" : "good",
        finding: `${amount(mean)} on average; ${weekBefore(mean, meanBefore)}`,
      },
      {
        subject: "spent for nothing",
        verdict: lost > 0 ? "notice" : "good",
        finding: `${amount(lost)} for calls that were rejected`,
      },
    ],
    charts:
      days.length === 0
        ? []
        : [
            {
              ...{ title: "Fees a day", unit: "credits", kind: "bars" },
              labels: days.map(({ label }) => label),
              series: [{ name: "fees", values: days.map(({ fees: paidThen }) => paidThen / 1e6) }],
            },
          ],
  };
}
