import { html } from "ghtml";
import { figure } from "./figure.ts";
import type { Chart, Series } from "./report.ts";

const width = 720;
const height = 220;
const left = 56;
const right = 12;
const top = 12;
const bottom = 28;
const plotWidth = width - left - right;
const plotHeight = height - top - bottom;
const gridLines = 4;
const labelsAtMost = 8;
/** Of the style: `series-0` to `series-5`. */
export const colours = 6;

/** A chart as an SVG element that needs no script: each value is a title that shows under the pointer. */
export function chartSvg({ title, unit, kind, labels, series }: Chart): string {
  const most = scaleOf(series);
  const y = (value: number) => round(top + plotHeight * (1 - value / most));
  const slot = plotWidth / Math.max(1, labels.length);
  const middle = (place: number) => round(left + slot * (place + 0.5));
  const grid = Array.from({ length: gridLines + 1 }, (_, line) => (most * line) / gridLines);
  const every = Math.ceil(labels.length / labelsAtMost);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    !${grid
      .map(
        (value) =>
          html`<line
              class="grid"
              x1="${left}"
              x2="${width - right}"
              y1="${y(value)}"
              y2="${y(value)}"
            /><text class="axis" x="${left - 6}" y="${y(value) + 4}" text-anchor="end"
              >${figure(value)}</text
            >`,
      )
      .join("")}
    !${labels
      .map((label, place) =>
        place % every === 0
          ? html`<text class="axis" x="${middle(place)}" y="${height - 8}" text-anchor="middle"
              >${label}</text
            >`
          : "",
      )
      .join("")}
    !${series.map((one, place) => (kind === "bars" ? bars(one, place) : line(one, place))).join("")}
  </svg>`;

  function bars({ name, values }: Series, place: number): string {
    const bar = (slot * 0.8) / series.length;
    return values
      .map((value, at) =>
        value === null
          ? ""
          : html`<rect
              class="series-${place % colours}"
              x="${round(left + slot * (at + 0.1) + bar * place)}"
              y="${y(value)}"
              width="${round(Math.max(1, bar - 1))}"
              height="${round(top + plotHeight - y(value))}"
              ><title>${labels[at] ?? ""}, ${name}: ${figure(value)} ${unit}</title></rect
            >`,
      )
      .join("");
  }

  function line({ name, values }: Series, place: number): string {
    const points = values.map((value, at) => (value === null ? undefined : ([at, value] as const)));
    const path = points
      .map((point, at) =>
        point === undefined
          ? ""
          : `${points[at - 1] === undefined ? "M" : "L"}${middle(point[0])} ${y(point[1])}`,
      )
      .join("");
    const dots = points
      .map((point) =>
        point === undefined
          ? ""
          : html`<circle
              class="series-${place % colours}"
              cx="${middle(point[0])}"
              cy="${y(point[1])}"
              r="3"
              ><title>
                ${labels[point[0]] ?? ""}, ${name}: ${figure(point[1])} ${unit}
              </title></circle
            >`,
      )
      .join("");
    return html`<path class="line series-${place % colours}" d="${path}" />!${dots}`;
  }
}

/** The end of the value axis: a round number that no value exceeds. */
function scaleOf(series: readonly Series[]): number {
  const most = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  if (most === 0) return gridLines;
  const power = 10 ** Math.floor(Math.log10(most));
  const steps = [1, 2, 4, 5, 8, 10];
  return power * (steps.find((step) => power * step >= most) ?? 10);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
