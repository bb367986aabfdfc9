import { figure } from "./figure.ts";
import type { Chart } from "./report.ts";

const steps = Array.from("▁▂▃▄▅▆▇█");

/** A chart as a line of blocks for each of its series, with the least and the greatest value. */
export function sparkLine({ title, unit, labels, series }: Chart): string {
  const width = Math.max(...series.map(({ name }) => name.length));
  const span = labels.length < 2 ? "" : `, ${labels[0] ?? ""} to ${labels.at(-1) ?? ""}`;
  const rows = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name.padEnd(width)}  nothing known`;
    const most = Math.max(...known);
    const blocks = values.map((value) => (value === null ? "·" : blockOf(value, most))).join("");
    return `${name.padEnd(width)}  ${blocks}  ${figure(Math.min(...known))} to ${figure(most)} ${unit}`;
  });
  return [`${title}${span}`, ...rows].join("\n");
}

function blockOf(value: number, most: number): string {
  const step = most === 0 ? 0 : Math.round((value / most) * (steps.length - 1));
  return steps[step] ?? "·";
}
