import { formatCredits } from "../../aleo/network.ts";
import type { Summary } from "../../monitor/summary.ts";
import { formatAge, plural } from "../text.ts";
import type { Incident } from "./timeline.ts";

/** What the monitor knew, or why it is not known. */
export type Known = { readonly summary: Summary } | { readonly problem: string };

interface Entry {
  readonly time: number;
  readonly text: string;
}

/**
 * A draft of what is written after an incident: what people noted and what the monitor knew, in one
 * timeline, with the times between; what only people can say is asked.
 */
export function postMortemDraft(incident: Incident, known: Known): string {
  const { id, title, severity, network, notes } = incident;
  const alerts = "summary" in known ? known.summary.alerts : [];
  const entries: Entry[] = [
    ...notes.map(({ time, by, text }) => ({ time, text: `${by}: ${text}` })),
    ...alerts.flatMap((alert) =>
      alert.history.map(({ time, what, detail }) => ({
        time,
        text: `monitor: alert ${alert.id} (${alert.rule}, ${alert.subject}, ${alert.severity}) ${what}${detail === "" ? "" : `: ${detail}`}`,
      })),
    ),
  ].sort((a, b) => a.time - b.time);
  return `# Post-mortem of ${id}: ${title}

Draft. Severity ${severity}, network ${network}. No blame: people did what they knew.

## Times

${timesOf(incident, alerts)}

## Timeline

${entries.map(({ time, text }) => `- ${new Date(time).toISOString()} ${text}`).join("\n")}

## What the monitor saw

${"summary" in known ? seen(known.summary) : `Not known: ${known.problem}`}

## To fill in

- What it meant for users, and for how many: 
- What was lost, in credits: 
- The cause, and why it was possible: 
- What helped, what was in the way: 
- What would have told of it earlier: 

## What is done so that it does not happen again

| What | Who | Until |
|---|---|---|
|  |  |  |
`;
}

function timesOf({ notes }: Incident, alerts: Summary["alerts"]): string {
  const opened = notes[0]?.time ?? 0;
  const closed = notes.at(-1)?.time ?? opened;
  const fired = alerts.flatMap(({ firedAt }) => firedAt ?? []);
  const first = fired.length === 0 ? undefined : Math.min(...fired);
  const acknowledged = alerts
    .flatMap(({ history }) => history)
    .filter(({ what }) => what === "acknowledged")
    .map(({ time }) => time);
  const from = first ?? opened;
  const rows: (readonly [string, number | undefined])[] = [
    ["First alert", first],
    ["Incident opened", opened],
    ["First acknowledgement", acknowledged.length === 0 ? undefined : Math.min(...acknowledged)],
    ["Closed", closed],
  ];
  return [
    "| What | When | After the first sign |",
    "|---|---|---|",
    ...rows.map(([what, time]) =>
      time === undefined
        ? `| ${what} | none | |`
        : `| ${what} | ${new Date(time).toISOString()} | ${time < from ? `${formatAge(from - time)} before` : formatAge(time - from)} |`,
    ),
  ].join("\n");
}

function seen({ from, to, height, alerts, transactions, notices }: Summary): string {
  const refused = notices.filter(({ outcome }) => outcome === "refused");
  return [
    `From ${from} to ${to}, up to block ${String(height)}: ${plural(alerts.length, "alert")}${refused.length > 0 ? `, ${refused.length} routes refused notices` : ""}.`,
    "",
    "| Program | Function | Status | Count | Fees |",
    "|---|---|---|---|---|",
    ...transactions.map(
      (row) =>
        `| ${row.program} | ${row.function === "" ? row.kind : row.function} | ${row.status} | ${row.count} | ${formatCredits(BigInt(row.fees))} |`,
    ),
  ].join("\n");
}
