import { html } from "ghtml";
import { probeName } from "../../watch/probe.ts";
import { readingOf } from "../../watch/readings.ts";
import { answerFigures, callFigures, dayMs } from "../figures.ts";
import { doubt, type Light, lightOf } from "../light.ts";
import type { Moment } from "../sources.ts";
import { count, ms, percent, plural, when, wholeCredits } from "../words.ts";
import { chart } from "./chart.ts";
import { liveSection } from "./live-section.ts";
import { alertList, empty, facts, hourText, lightBadge, mark } from "./parts.ts";

const latestShown = 20;

/** What somebody who has just been woken has to see first, first. */
export function overviewPage(moment: Moment): string {
  const { activity, now } = moment;
  const calls = callFigures(moment);
  const answers = answerFigures(moment);
  const latest = activity.latest(latestShown);
  return html`<div id="verdict">!${verdict(moment)}</div>
    <section aria-labelledby="calls-title">
      <h2 id="calls-title">Rejected calls, last 24 hours</h2>
      !${chart({
        name: "Share of calls that were rejected, by 15 minutes, in percent",
        figures: calls.chart,
        nothing: empty(
          "No call of a watched program in the last 24 hours.",
          "Calls show here as soon as a block holds one.",
        ),
        headings: ["Hour from", ...calls.programs],
        rows: calls.hours.map(({ to, calls: each }) => [
          hourText(to, now),
          ...each.map(({ accepted, rejected }) =>
            accepted + rejected === 0
              ? "–"
              : `${percent(rejected, accepted + rejected)} of ${count(accepted + rejected)}`,
          ),
        ]),
      })}
    </section>
    <section aria-labelledby="answers-title">
      <h2 id="answers-title">Slowest answers of the endpoints, last 24 hours</h2>
      !${chart({
        name: "Longest answer of each endpoint, by 15 minutes, in milliseconds",
        figures: answers.chart,
        nothing: empty(
          "No endpoint has answered in the last 24 hours.",
          "See what the monitor says above, and compare with aleo-ops node.",
        ),
        headings: ["Hour from", ...answers.endpoints],
        rows: answers.hours.map(({ to, longest }) => [
          hourText(to, now),
          ...longest.map((value) => (value === undefined ? "–" : ms(value))),
        ]),
      })}
    </section>
    !${liveSection(moment, {
      latest,
      caption: "Latest transactions of the watched programs",
      nothing: empty(
        "No transaction of a watched program was read yet.",
        "A monitor with a new database begins at the newest block; --from-block reads older ones.",
      ),
    })}`;
}

/** Whether something is wrong, what, and how each program stands. */
export function verdict(moment: Moment): string {
  const { open, status, now, store } = moment;
  const why = doubt(status, now);
  const overall = lightOf(open, why !== undefined);
  const ofNetwork = open.filter(({ subject }) => !status.programs.includes(subject));
  const silences = store.alerts.silences(now);
  return html`<h1 class="verdict ${overall}">!${mark(overall)} ${sentence(open, overall)}</h1>
    !${open.length === 0 ? "" : alertList(open, now)}
    !${
      silences.length === 0
        ? ""
        : html`<p class="note">
            <a href="/incidents#silences"
              >${plural(silences.length, "silence holds", "silences hold")}</a
            >: what its rule finds is kept and not told.
          </p>`
    }
    <h2 class="hidden">Programs</h2>
    <ul class="lights">
      !${status.programs.map((program) => programLight(program, moment))}
      <li class="light ${lightOf(ofNetwork, why !== undefined)}">
        <h3>The network and its endpoints</h3>
        !${lightBadge(lightOf(ofNetwork, why !== undefined))} !${networkFacts(moment)}
      </li>
    </ul>`;
}

function sentence(open: Moment["open"], light: Light): string {
  if (open.length === 0) {
    return light === "unknown" ? "Nothing is known to be wrong" : "Nothing is wrong";
  }
  const taken = open.filter(({ status }) => status === "acknowledged").length;
  const alerts = plural(open.length, "alert is open", "alerts are open");
  return taken === 0
    ? alerts
    : `${alerts}, ${taken === open.length ? "acknowledged" : `${taken} acknowledged`}`;
}

function programLight(program: string, moment: Moment): string {
  const { store, activity, status, now, open } = moment;
  const alerts = open.filter(({ subject }) => subject === program);
  const light = lightOf(alerts, doubt(status, now) !== undefined);
  const { accepted, rejected } = store.chain.calls(program, { from: now - dayMs, to: now });
  const [last] = activity.latest(1, program);
  return html`<li class="light ${light}">
    <h3><a href="/programs/${program}">${program}</a></h3>
    !${lightBadge(light)}
    !${facts([
      ["Calls in 24 h", count(accepted + rejected)],
      ["Rejected", percent(rejected, accepted + rejected)],
      ...held(program, moment),
      ["Edition", editionOf(program, moment)],
      ["Last transaction", last === undefined ? "none was read" : when(last.time, now)],
    ])}
  </li>`;
}

function held(program: string, { store }: Moment): [string, string][] {
  const value = store.probes.get(probeName({ kind: "solvency", program }))?.value;
  const found = readingOf("solvency", value);
  if (found === undefined) return [];
  return [
    ["Holds", wholeCredits(BigInt(found.held))],
    ["Owes", wholeCredits(BigInt(found.owed))],
  ];
}

function editionOf(program: string, { store }: Moment): string {
  const value = store.probes.get(probeName({ kind: "program", program }))?.value;
  return String(readingOf("program", value)?.edition ?? "not read yet");
}

function networkFacts({ status, store, now }: Moment): string {
  const value = store.probes.get(probeName({ kind: "backups" }))?.value;
  const backups = readingOf("backups", value);
  const times = (which: "newest" | "verified") =>
    backups === undefined
      ? undefined
      : status.programs.map((program) => backups[program]?.[which]).toSorted()[0];
  const oldest = times("newest");
  return facts([
    ["Height read", count(store.chain.cursor()?.height ?? 0)],
    ["Behind the chain", plural(Math.max(0, (status.head ?? 0) - (status.height ?? 0)), "block")],
    ["Rules", count(status.rules)],
    [
      "Oldest last backup",
      oldest === undefined
        ? html`<a href="/backups">see backups</a>`
        : html`<a href="/backups">!${when(Date.parse(oldest), now)}</a>`,
    ],
  ]);
}
