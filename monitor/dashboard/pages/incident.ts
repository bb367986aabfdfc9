import { html } from "ghtml";
import type { Told } from "../../store/activity-store.ts";
import type { Alert } from "../../store/alert-store.ts";
import { runbookOf } from "../runbook.ts";
import type { Moment } from "../sources.ts";
import { formatAge } from "../../text.ts";
import { count, plural, when } from "../words.ts";
import { empty, facts, severityBadge, statusText } from "./parts.ts";
import type { Visitor } from "./frame.ts";

/** One alert from its first sign to its end, what to do about it, and the button that says "mine". */
export function incidentPage(alert: Alert, moment: Moment, visitor: Visitor): string {
  const { status, now } = moment;
  const { severity, summary, subject, rule, value, height, returns } = alert;
  const began = alert.firedAt ?? alert.since;
  const isProgram = status.programs.includes(subject);
  return html`<p class="facts">!${severityBadge(severity)} <span>${statusText(alert)}</span></p>
    <h1>${summary}</h1>
    !${facts([
      ["About", isProgram ? html`<a href="/programs/${subject}">${subject}</a>` : html`${subject}`],
      ["Found", html`${value}`],
      ["Fired", when(began, now)],
      alert.resolvedAt === undefined
        ? ["Lasts for", formatAge(now - began)]
        : ["Lasted for", formatAge(alert.resolvedAt - began)],
      ["Rule", html`<code>${rule}</code>`],
      ["Block", count(height)],
      ...(returns === 0 ? [] : [["Came back", plural(returns, "time")] as const]),
    ])}
    !${acknowledgement(alert, visitor)}
    <section aria-labelledby="what-title">
      <h2 id="what-title">What to do</h2>
      !${whatToDo(alert)}
    </section>
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened</h2>
      !${timeline(alert, moment)}
    </section>
    <p class="pager"><a href="/incidents">All incidents</a></p>`;
}

/** Offered only to those who may. */
function acknowledgement({ id, status }: Alert, { person, signsIn }: Visitor): string {
  if (status !== "firing") return "";
  if (person !== undefined) {
    return html`<form class="act" method="post" action="/incidents/${id}/acknowledge">
      <button type="submit">Acknowledge as ${person}</button>
      <p>Ends the escalation: the next person is not paged. The incident stays open.</p>
    </form>`;
  }
  return signsIn === "here"
    ? html`<p class="act">
        <a class="button" href="/sign-in?to=/incidents/${id}">Sign in to acknowledge</a>
      </p>`
    : html`<p class="note">
        Acknowledge it where you were paged, or with
        <code>aleo-ops alerts acknowledge ${id} --by NAME</code>. With MONITOR_TOKEN set, it can be
        done here.
      </p>`;
}

function whatToDo({ runbook, subject }: Alert): string {
  if (runbook === undefined) {
    return empty("The rule names no runbook.", "Give it one: runbook in the file of rules.");
  }
  if (/^https?:\/\//.test(runbook)) {
    return html`<p><a href="${runbook}" rel="noreferrer">${runbook}</a></p>`;
  }
  const found = runbookOf(runbook, subject);
  return html`!${found?.section ?? ""}
    !${
      found?.whole === undefined
        ? ""
        : html`<details class="runbook">
            <summary>The whole runbook</summary>
            !${found.whole}
          </details>`
    }
    <p class="quiet">From <code>${runbook}</code> of the project.</p>`;
}

interface Happening {
  readonly time: number;
  readonly what: string;
  readonly detail: string;
}

const recorded: Readonly<Record<string, string>> = {
  fired: "Fired",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
  "came back": "Came back",
};

function timeline(alert: Alert, { store, activity, now }: Moment): string {
  const events: Happening[] = [
    ...(alert.firedAt !== undefined && alert.firedAt > alert.since
      ? [{ time: alert.since, what: "Began", detail: "and lasted long enough to fire" }]
      : []),
    ...store.alerts.history(alert.id).map(({ time, what, detail }) => ({
      time,
      what: recorded[what] ?? what,
      detail: what === "acknowledged" ? `by ${detail}` : detail,
    })),
    ...(alert.dedupKey === undefined ? [] : activity.told(alert.dedupKey).map(toldEvent)),
  ];
  if (events.length === 0) return empty("Nothing is recorded of it.", "");
  return html`<ol class="timeline">
    !${events
      .toSorted((a, b) => a.time - b.time)
      .map(
        ({ time, what, detail }) =>
          html`<li>
            <p class="facts"><strong>${what}</strong> <span>!${when(time, now)}</span></p>
            !${detail === "" ? "" : html`<p>${detail}</p>`}
          </li>`,
      )}
  </ol>`;
}

const notices: Readonly<Record<string, string>> = {
  trigger: "the alert",
  acknowledge: "the acknowledgement",
  resolve: "the end",
};

function toldEvent({ route, action, outcome, attempts, madeAt, doneAt, problem }: Told): Happening {
  const what = notices[action] ?? action;
  const tries = attempts > 1 ? ` after ${plural(attempts, "attempt")}` : "";
  switch (outcome) {
    case "sent":
      return { time: doneAt ?? madeAt, what: `Told ${route}`, detail: `${what}${tries}` };
    case "refused":
      return {
        time: doneAt ?? madeAt,
        what: `${route} refused it`,
        detail: `${what}: ${problem ?? ""}`,
      };
    default:
      return {
        time: madeAt,
        what: `Not told to ${route} yet`,
        detail: `${what}${attempts === 0 ? "" : `, tried ${plural(attempts, "time")}: ${problem ?? ""}`}`,
      };
  }
}
