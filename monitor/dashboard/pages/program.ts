import { html } from "ghtml";
import { probeName } from "../../watch/probe.ts";
import { readingOf } from "../../watch/readings.ts";
import { dayMs } from "../figures.ts";
import { doubt, lightOf } from "../light.ts";
import type { Moment } from "../sources.ts";
import { amount, count, credits, id, percent, when } from "../words.ts";
import { alertList, empty, facts, lightBadge, outcomeOf } from "./parts.ts";
import { liveSection } from "./live-section.ts";
import { table } from "./table.ts";

const latestShown = 20;
const callersShown = 15;

/** One watched program: how it stands, who calls what, what was deployed. */
export function programPage(program: string, moment: Moment): string {
  const { activity, open, status, now } = moment;
  const span = { from: now - dayMs, to: now };
  const alerts = open.filter(({ subject }) => subject === program);
  const latest = activity.latest(latestShown, program);
  return html`<div class="heading">
      <h1>${program}</h1>
      !${lightBadge(lightOf(alerts, doubt(status, now) !== undefined))}
    </div>
    !${alerts.length === 0 ? "" : alertList(alerts, now)} !${standing(program, moment)}
    <section aria-labelledby="functions-title">
      <h2 id="functions-title">Calls by function, last 24 hours</h2>
      !${functions(program, moment, span)}
    </section>
    <section aria-labelledby="mappings-title">
      <h2 id="mappings-title">Mappings changed, last 24 hours</h2>
      !${mappings(program, moment, span)}
    </section>
    <section aria-labelledby="entries-title">
      <h2 id="entries-title">Mapping entries that rules look at</h2>
      !${entries(program, moment)}
    </section>
    <section aria-labelledby="callers-title">
      <h2 id="callers-title">Who calls it most, last 24 hours</h2>
      !${callers(program, moment, span)}
    </section>
    <section aria-labelledby="editions-title">
      <h2 id="editions-title">Editions</h2>
      !${editions(program, moment)}
    </section>
    !${liveSection(moment, {
      latest,
      program,
      caption: `Latest transactions of ${program}`,
      nothing: empty(
        "No transaction of it was read yet.",
        "They show here when a block holds one.",
      ),
    })}`;
}

function standing(program: string, { store, now }: Moment): string {
  const { probes } = store;
  const read = probes.get(probeName({ kind: "program", program }));
  const found = readingOf("program", read?.value);
  const balance = probes.get(probeName({ kind: "solvency", program }));
  const sums = readingOf("solvency", balance?.value);
  const waiting = probes.get(probeName({ kind: "queue", program }));
  const address = probes.fact(`address:${program}`);
  return facts([
    ...(found === undefined
      ? [["Edition", "not read yet"] as const]
      : [
          ["Edition", String(found.edition)] as const,
          ["Owner", found.owner === undefined ? "the node does not say" : id(found.owner)] as const,
          ...(found.amendments === undefined
            ? []
            : [["Amendments", String(found.amendments)] as const]),
        ]),
    ...(address === undefined ? [] : [["Its address", id(address)] as const]),
    ...(sums === undefined
      ? []
      : [
          ["Holds", credits(BigInt(sums.held))] as const,
          ["Owes", credits(BigInt(sums.owed))] as const,
        ]),
    ...(waiting?.value === undefined
      ? []
      : [
          [
            "First withdrawal waiting",
            waiting.value === "empty"
              ? "none"
              : html`number ${waiting.value}, since !${when(waiting.changedAt, now)}`,
          ] as const,
        ]),
    ...(read === undefined ? [] : [["Read", when(read.readAt, now)] as const]),
  ]);
}

type Span = Parameters<Moment["activity"]["functions"]>[1];

function functions(program: string, { activity }: Moment, span: Span): string {
  const found = activity.functions(program, span);
  if (found.length === 0) {
    return empty(
      "Nobody called it in the last 24 hours.",
      "Older calls are in aleo-ops alerts summary --last 7d.",
    );
  }
  return table(
    "Calls by function",
    ["Function", "#Calls", "#Rejected", "#Share", "#Fees in credits", "#Entries written"],
    found.map((one) => {
      const calls = one.accepted + one.rejected;
      return [
        html`<code>${one.function}</code>`,
        count(calls),
        count(one.rejected),
        percent(one.rejected, calls),
        amount(one.fees),
        count(one.operations),
      ];
    }),
  );
}

function mappings(program: string, { activity }: Moment, span: Span): string {
  const found = activity.changedMappings(program, span);
  if (found.length === 0) {
    return empty(
      "No entry of its mappings was changed in the last 24 hours.",
      "What all of them hold is in the backups.",
    );
  }
  return table(
    "Mappings changed",
    ["Mapping", "#Set", "#Removed", "#Different entries"],
    found.map(({ mapping, set, removed, entries: different }) => [
      html`<code>${mapping}</code>`,
      count(set),
      count(removed),
      count(different),
    ]),
  );
}

function entries(program: string, { activity, now }: Moment): string {
  const found = activity.entries(program);
  if (found.length === 0) {
    return empty(
      "No rule looks at an entry of its mappings.",
      "A rule of the kind expression or paused does; see docs/monitor.md.",
    );
  }
  return table(
    "Mapping entries",
    ["Entry", "Value", "Changed", "Read"],
    found.map(({ entry, value, changedAt, readAt }) => [
      html`<code>${entry}</code>`,
      value === undefined ? "no such entry" : html`<code class="value">${value}</code>`,
      when(changedAt, now),
      when(readAt, now),
    ]),
  );
}

function callers(program: string, { activity, now }: Moment, span: Span): string {
  const found = activity.callers(program, span, callersShown);
  if (found.length === 0) {
    return empty(
      "No account is known to have called it.",
      "Who pays from a private record stays unknown.",
    );
  }
  return table(
    "Callers",
    ["Account", "#Calls", "#Rejected", "#Fees in credits", "Last call"],
    found.map(({ address, calls, rejected, fees, lastTime, isNew }) => [
      html`!${id(address)} !${isNew ? html`<span class="tag">new</span>` : ""}`,
      count(calls),
      `${count(rejected)} (${percent(rejected, calls)})`,
      amount(fees),
      when(lastTime, now),
    ]),
  );
}

function editions(program: string, { store, now }: Moment): string {
  const found = store.chain.details.deployments(program);
  if (found.length === 0) {
    return empty(
      "No deployment of it was read.",
      "It was deployed before the first block that this monitor knows.",
    );
  }
  return table(
    "Editions",
    ["Edition", "When", "Block", "Outcome", "Owner", "#Fee in credits", "Transaction"],
    found.map((one) => [
      one.isAmendment ? `${one.edition}, amended` : String(one.edition),
      when(one.time, now),
      count(one.height),
      outcomeOf(one.status),
      one.owner === undefined ? "–" : id(one.owner),
      amount(one.fee),
      id(one.id),
    ]),
  );
}
