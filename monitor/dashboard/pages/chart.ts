import { html } from "ghtml";
import type { Chart } from "../figures.ts";

/** A chart with the same figures as a table, for who can't see it or has no scripts. */
export function chart({
  name,
  figures,
  nothing,
  headings,
  rows,
}: {
  readonly name: string;
  readonly figures: Chart;
  /** Shown instead where there are no figures. */
  readonly nothing: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): string {
  if (!figures.lines.some(({ values }) => values.some((value) => value !== null))) return nothing;
  return html`<figure class="chart">
    <div
      class="plot"
      role="img"
      aria-label="${name}"
      data-chart="${JSON.stringify(figures)}"
      hidden
    ></div>
    <details>
      <summary>The figures by hour</summary>
      <div class="scroll" role="region" aria-label="${name}" tabindex="0">
        <table>
          <thead>
            <tr>
              !${headings.map((text) => html`<th scope="col">${text}</th>`)}
            </tr>
          </thead>
          <tbody>
            !${rows.map(
              ([first = "", ...cells]) =>
                html`<tr>
                  <th scope="row">${first}</th>
                  !${cells.map((cell) => html`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}
