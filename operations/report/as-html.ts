import { html } from "ghtml";
import { formatMoment } from "../text.ts";
import { chartSvg, colours } from "./chart-svg.ts";
import {
  type Chart,
  conclusionOf,
  countsOf,
  type Line,
  marks,
  type Report,
  type Section,
  type Table,
  type Verdict,
} from "./report.ts";
import { style } from "./style.ts";

/** A report as one page that needs nothing else: no script, no font, no request. */
export function asHtml(report: Report): string {
  const { title, network, at, about, sections } = report;
  const counts = countsOf(report);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>${title} of ${network}</title>
        <style>
          !${style}
        </style>
      </head>
      <body>
        <header>
          <h1>${title} <small>${network}</small></h1>
          <p>Of ${about}, made at <time datetime="${at}">${formatMoment(at)}</time>.</p>
          <p class="conclusion ${worstOf(counts)}">${conclusionOf(report)}</p>
          <ul class="counts">
            !${verdicts
              .map(
                (verdict) =>
                  html`<li class="${verdict}"><b>${counts[verdict]}</b> ${words[verdict]}</li>`,
              )
              .join("")}
          </ul>
        </header>
        <main>!${sections.map(sectionHtml).join("\n")}</main>
      </body>
    </html>`;
}

const verdicts: readonly Verdict[] = ["bad", "notice", "good", "unseen"];
const words: Readonly<Record<Verdict, string>> = {
  bad: "bad",
  notice: "to know of",
  good: "good",
  unseen: "not looked at",
};

function worstOf(counts: Readonly<Record<Verdict, number>>): Verdict {
  return counts.bad > 0 ? "bad" : counts.unseen > 0 ? "unseen" : "good";
}

function sectionHtml({ title, lines, tables = [], charts = [] }: Section): string {
  return html`<section>
    <h2>${title}</h2>
    !${
      lines.length === 0
        ? ""
        : html`<table class="lines">
            <colgroup>
              <col class="verdicts" />
              <col class="subjects" />
              <col />
            </colgroup>
            <thead class="hidden">
              <tr>
                <th>Verdict</th>
                <th>What</th>
                <th>Found</th>
              </tr>
            </thead>
            <tbody>
              !${lines.map(lineHtml).join("\n")}
            </tbody>
          </table>`
    }
    !${tables.map(tableHtml).join("\n")} !${charts.map(chartHtml).join("\n")}
  </section>`;
}

function lineHtml({ verdict, subject, finding, remedy }: Line): string {
  return html`<tr class="${verdict}">
    <td>
      <span class="mark" aria-hidden="true">${marks[verdict]}</span>
      <span class="verdict">${words[verdict]}</span>
    </td>
    <th scope="row">${subject}</th>
    <td>
      !${withCode(finding)}!${remedy === undefined ? "" : html`<p class="remedy"><b>What to do:</b> !${withCode(remedy)}</p>`}
    </td>
  </tr>`;
}

function tableHtml({ header, rows }: Table): string {
  return html`<div class="scroll">
    <table class="figures">
      <thead>
        <tr>
          !${header.map((cell) => html`<th scope="col">${cell}</th>`).join("")}
        </tr>
      </thead>
      <tbody>
        !${rows
          .map(
            (row) =>
              html`<tr>
                !${row.map((cell) => html`<td>${cell}</td>`).join("")}
              </tr>`,
          )
          .join("")}
      </tbody>
    </table>
  </div>`;
}

function chartHtml(chart: Chart): string {
  const { title, unit, series } = chart;
  return html`<figure>
    <figcaption>${title} <small>(${unit})</small></figcaption>
    !${chartSvg(chart)}
    !${
      series.length < 2
        ? ""
        : html`<ul class="legend">
            !${series.map(({ name }, place) => html`<li><i class="series-${place % colours}"></i>${name}</li>`).join("")}
          </ul>`
    }
  </figure>`;
}

/** Commands stand between backticks in a report's sentences. */
function withCode(text: string): string {
  return text
    .split("`")
    .map((part, place) => (place % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
    .join("");
}
