import { formatMoment } from "../text.ts";
import { sparkLine } from "./spark-line.ts";
import { conclusionOf, marks, type Report, type Section, type Table } from "./report.ts";

/** A report for an issue, a message or a file. */
export function asMarkdown(report: Report): string {
  const { title, network, at, about, sections } = report;
  return [
    `# ${title} of ${network}`,
    `${sentence(about)}. Made at ${formatMoment(at)}. **${conclusionOf(report)}**`,
    ...sections.map(sectionText),
  ].join("\n\n");
}

function sectionText({ title, lines, tables = [], charts = [] }: Section): string {
  const findings: Table = {
    header: ["", "What", "Found", "What to do"],
    rows: lines.map(({ verdict, subject, finding, remedy = "" }) => [
      marks[verdict],
      subject,
      finding,
      remedy,
    ]),
  };
  return [
    `## ${title}`,
    ...(lines.length === 0 ? [] : [tableText(findings)]),
    ...tables.map(tableText),
    ...charts.map((chart) => `\`\`\`text\n${sparkLine(chart)}\n\`\`\``),
  ].join("\n\n");
}

function tableText({ header, rows }: Table): string {
  const row = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [row(header), row(header.map(() => "---")), ...rows.map(row)].join("\n");
}

/** What would end a cell, or be read as markup. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll(/([*[\]])/g, "\\$1")
    .replaceAll("\n", " ");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
