import { html } from "ghtml";
import type { Moment } from "../sources.ts";
import { alertList, empty } from "./parts.ts";

const resolvedShown = 50;

/** What is open, what is silenced, what was. */
export function incidentsPage(moment: Moment, before: number): string {
  const { activity, open, store, now } = moment;
  const ids = activity.resolved(resolvedShown, before);
  const resolved = ids.flatMap((one) => store.alerts.get(one) ?? []);
  const last = ids.at(-1);
  const isFirst = before === Number.MAX_SAFE_INTEGER;
  return html`<h1>Incidents</h1>
    !${
      isFirst
        ? html`<section aria-labelledby="open-title">
              <h2 id="open-title">Open</h2>
              !${
                open.length > 0
                  ? alertList(open, now)
                  : empty(
                      "Nothing is open.",
                      "What the rules find shows here and is told to the receivers.",
                    )
              }
            </section>
            <section aria-labelledby="silences">
              <h2 id="silences">Silences</h2>
              !${silences(moment)}
            </section>`
        : ""
    }
    <section aria-labelledby="resolved-title">
      <h2 id="resolved-title">Resolved</h2>
      !${
        resolved.length > 0
          ? alertList(resolved, now)
          : empty(
              "Nothing was resolved.",
              "Resolved incidents are kept for MONITOR_RETENTION, 30 days if it is not set.",
            )
      }
      <p class="pager">
        !${isFirst ? "" : html`<a href="/incidents">The newest</a>`}
        !${
          ids.length < resolvedShown || last === undefined
            ? ""
            : html`<a href="/incidents?before=${last}">Older ones</a>`
        }
      </p>
    </section>`;
}

function silences({ store, now }: Moment): string {
  const found = store.alerts.silences(now);
  if (found.length === 0) {
    return empty(
      "Every rule tells.",
      "aleo-ops alerts silence RULE --for 2h --reason … keeps one quiet for planned work.",
    );
  }
  return html`<ul class="plain">
    !${found.map(
      ({ rule, subject, reason, endsAt }) =>
        html`<li>
          <strong>${rule}</strong> of ${subject ?? "anything"}: ${reason}
          <span class="quiet"
            >until ${new Date(endsAt).toISOString().slice(0, 16).replace("T", " ")} UTC</span
          >
        </li>`,
    )}
  </ul>`;
}
