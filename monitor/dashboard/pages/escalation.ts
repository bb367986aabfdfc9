import { html } from "ghtml";
import { severities } from "../../alert/severity.ts";
import { escalation } from "../escalation.ts";
import type { Moment } from "../sources.ts";
import { empty, severityBadge } from "./parts.ts";

/** Who is paged for what, and when. */
export function escalationPage({ receivers, rules }: Moment): string {
  const all = rules();
  return html`<h1>Escalation</h1>
    <p class="lead">
      Who is told of an alert that nobody acknowledges, as the stack declares it in PagerDuty.
    </p>
    <div class="scroll" role="region" aria-label="Escalation matrix" tabindex="0">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Paged</th>
            <th scope="col">All within</th>
            <th scope="col">Then</th>
            <th scope="col">Acknowledged, not resolved</th>
            <th scope="col">This monitor tells</th>
          </tr>
        </thead>
        <tbody>
          !${severities.map((severity) => {
            const { paged, within, then, acknowledged } = escalation[severity];
            const told = receivers.filter(({ takes }) => takes(severity)).map(({ name }) => name);
            return html`<tr>
              <th scope="row">!${severityBadge(severity)}</th>
              <td data-label="Paged">${paged}</td>
              <td data-label="All within">${within}</td>
              <td data-label="Then">${then}</td>
              <td data-label="Acknowledged, not resolved">${acknowledged}</td>
              <td data-label="This monitor tells">
                !${told.length === 0 ? html`<strong class="never">nobody</strong>` : told.join(", ")}
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    !${
      receivers.length > 0
        ? ""
        : empty(
            "No receiver is set, so alerts show here only.",
            "Set PAGERDUTY_KEY_CRITICAL … _LOW, ALERT_WEBHOOK or ALERT_WEBHOOK_URL for the monitor.",
          )
    }
    <section aria-labelledby="rules-title">
      <h2 id="rules-title">The rules, by severity</h2>
      <dl class="pairs wide">
        !${severities.map((severity) => {
          const ids = all.filter((rule) => rule.severity === severity).map(({ id }) => id);
          return html`<div>
            <dt>!${severityBadge(severity)}</dt>
            <dd>${ids.length === 0 ? "none" : ids.join(", ")}</dd>
          </div>`;
        })}
      </dl>
    </section>`;
}
