import { html } from "ghtml";
import type { Severity } from "../../alert/severity.ts";
import type { Alert } from "../../store/alert-store.ts";
import type { SeenTransaction } from "../../store/activity-store.ts";
import { type Light, lightWords } from "../light.ts";
import { formatAge } from "../../text.ts";
import { amount, clock, count, credits, id, when } from "../words.ts";

/** Each state has a shape of its own, so that nothing depends on colour. */
const shapes: Readonly<Record<Light | Severity, string>> = {
  trouble: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>',
  attention: '<path d="M8 1l7.5 14H.5z"/>',
  fine: '<circle cx="8" cy="8" r="7"/>',
  unknown: '<circle cx="8" cy="8" r="6" fill="none" stroke-width="2" stroke-dasharray="3 2"/>',
  critical: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>',
  high: '<path d="M8 1l7.5 14H.5z"/>',
  medium: '<path d="M8 .5L15.5 8 8 15.5.5 8z"/>',
  low: '<circle cx="8" cy="8" r="6" fill="none" stroke-width="2"/>',
};

export function mark(state: Light | Severity): string {
  return html`<svg class="mark ${state}" viewBox="0 0 16 16" aria-hidden="true">
    !${shapes[state]}
  </svg>`;
}

export function lightBadge(light: Light): string {
  return html`<span class="badge ${light}">!${mark(light)} ${lightWords[light]}</span>`;
}

export function severityBadge(severity: Severity): string {
  return html`<span class="badge ${severity}">!${mark(severity)} ${severity}</span>`;
}

const statusWords = {
  pending: "Not yet",
  firing: "Firing",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
} as const;

export function statusText({ status, acknowledgedBy, goodSince }: Alert): string {
  const who =
    status === "acknowledged" && acknowledgedBy !== undefined ? ` by ${acknowledgedBy}` : "";
  const easing = status !== "resolved" && goodSince !== undefined ? ", better for now" : "";
  return `${statusWords[status]}${who}${easing}`;
}

/** Alerts as a list: what it is first, then what one looks at next. */
export function alertList(alerts: readonly Alert[], now: number): string {
  return html`<ul class="alerts">
    !${alerts.map((alert) => {
      const { severity, summary, firedAt, since, resolvedAt } = alert;
      const began = firedAt ?? since;
      return html`<li class="alert ${alert.status === "resolved" ? "settled" : severity}">
        <a class="summary" href="/incidents/${alert.id}">${summary}</a>
        <p class="facts">
          !${severityBadge(severity)}
          <span>${statusText(alert)}</span>
          <span>!${when(resolvedAt ?? began, now)}</span>
          !${resolvedAt === undefined ? "" : html`<span>lasted ${formatAge(resolvedAt - began)}</span>`}
        </p>
      </li>`;
    })}
  </ul>`;
}

const headings = html`<tr>
  <th scope="col">When</th>
  <th scope="col">Block</th>
  <th scope="col">What</th>
  <th scope="col">Outcome</th>
  <th scope="col" class="number">Fee in credits</th>
  <th scope="col">By</th>
  <th scope="col">Transaction</th>
</tr>`;

/** @param live the path of its live rows */
export function transactionTable(
  caption: string,
  transactions: readonly SeenTransaction[],
  now: number,
  live: string,
): string {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table class="transactions">
      <caption class="hidden">
        ${caption}
      </caption>
      <thead>
        !${headings}
      </thead>
      <tbody data-live="${live}">
        !${transactions.map((one) => transactionRow(one, now))}
      </tbody>
    </table>
  </div>`;
}

export function transactionRow(transaction: SeenTransaction, now: number): string {
  const { program, height, time, status, fee, payer, sentAs } = transaction;
  return html`<tr class="${status}">
    <td class="when-cell">!${when(time, now)}</td>
    <td class="block number">${count(height)}</td>
    <td class="what"><a href="/programs/${program}">${program}</a> !${whatOf(transaction)}</td>
    <td class="result">!${outcomeOf(status)}</td>
    <td class="fee number">${amount(fee)}</td>
    <td class="by">!${payer === undefined ? "a private record" : id(payer)}</td>
    <td class="id">!${id(sentAs ?? transaction.id)}</td>
  </tr>`;
}

function whatOf({ kind, function: name, edition, creditsIn, creditsOut }: SeenTransaction): string {
  const what =
    kind === "deploy"
      ? html`<strong>deployed as edition ${edition ?? 0}</strong>`
      : kind === "transfer"
        ? html`credits by <code>${name}</code>`
        : html`<code>${name}</code>`;
  const moved = [
    ...(creditsIn > 0 ? [`${credits(creditsIn)} in`] : []),
    ...(creditsOut > 0 ? [`${credits(creditsOut)} out`] : []),
  ];
  return moved.length === 0 ? what : html`!${what} <span class="quiet">${moved.join(", ")}</span>`;
}

/** @param status `accepted` or `rejected` */
export function outcomeOf(status: string): string {
  return status === "accepted"
    ? html`<span class="outcome accepted"><span aria-hidden="true">✓</span> accepted</span>`
    : html`<span class="outcome rejected"><span aria-hidden="true">✕</span> rejected</span>`;
}

/** Says what is not there, and what to do. */
export function empty(what: string, next: string): string {
  return html`<p class="empty"><strong>${what}</strong> ${next}</p>`;
}

/** Names and values side by side; the values are HTML. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  return html`<dl class="pairs">
    !${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>!${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export function hourText(to: number, now: number): string {
  return clock(to - 3_600_000, now).replace(/:\d\d UTC$/, " UTC");
}
