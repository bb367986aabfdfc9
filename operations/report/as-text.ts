import { formatMoment, table } from "../text.ts";
import { sparkLine } from "./spark-line.ts";
import { conclusionOf, type Line, marks, type Report, type Section } from "./report.ts";

/** A report for a terminal. */
export function asText(report: Report): string {
  const { title, network, at, about, sections } = report;
  return [
    `${title} of ${network}, ${about}, made at ${formatMoment(at)}`,
    conclusionOf(report),
    ...sections.map((section) => `\n${sectionText(section)}`),
  ].join("\n");
}

function sectionText({ title, lines, tables = [], charts = [] }: Section): string {
  const width = Math.min(44, Math.max(0, ...lines.map(({ subject }) => subject.length)));
  return [
    title.toUpperCase(),
    ...lines.map((line) => lineText(line, width)),
    ...tables.map(({ header, rows }) => indented(table(header, rows))),
    ...charts.map((chart) => indented(sparkLine(chart))),
  ].join("\n");
}

function lineText({ subject, verdict, finding, remedy }: Line, width: number): string {
  return [
    `${marks[verdict]} ${subject.padEnd(width)}  ${finding}`,
    ...(remedy === undefined ? [] : [`    What to do: ${remedy}`]),
  ].join("\n");
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
