import { createHash } from "node:crypto";
import type { Account } from "./account.ts";
import { summaryOf } from "./rest/views.ts";
import type { Views } from "./rest/views.ts";
import type { EscalationPolicyRecord, IncidentRecord, ServiceRecord } from "./records.ts";

const style = `
:root { color-scheme: light dark; --line: #8886; --quiet: #666; --bad: #b00020; --warn: #8a5200; --good: #1a6b2f; }
@media (prefers-color-scheme: dark) {
  :root { --quiet: #aaa; --bad: #ff8a80; --warn: #ffc46b; --good: #8fd9a0; }
}
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.2; }
h2 { font-size: 1.1rem; margin-top: 2rem; border-bottom: 1px solid var(--line); }
ul { list-style: none; padding: 0; }
li { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
ol { padding-left: 1.5rem; } ol li { border: 0; padding: 0; }
p { margin: 0.25rem 0; }
.quiet { color: var(--quiet); }
.triggered { color: var(--bad); } .acknowledged { color: var(--warn); } .resolved { color: var(--good); }
summary { cursor: pointer; }
`;

/** Of a page that needs no script and asks nobody else for anything. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
} as const;

/** Incidents, who is on call, and the policies by which they are paged. It shows no key. */
export function pageOf(account: Account, views: Views): string {
  const { store } = account;
  const nameOf = (user: string) => store.get("user", user)?.name ?? user;
  const incidents = store.all("incident").reverse();
  const isOpen = (incident: IncidentRecord) => account.progressOf(incident).status !== "resolved";
  const open = incidents.filter(isOpen);
  const resolved = incidents.filter((incident) => !isOpen(incident)).slice(0, 20);
  const windows = store.all("maintenance_window");

  const incidentItem = (incident: IncidentRecord) => {
    const { status, urgency, level, assignees, steps } = account.progressOf(incident);
    const who = assignees.length === 0 ? "nobody" : assignees.map(nameOf).join(", ");
    return `<li id="${incident.id}">
<p><strong class="${status}">${status}</strong> #${incident.incident_number} ${text(incident.alerts[0]?.summary ?? "")}</p>
<p class="quiet">${text(incident.service.name)} · ${urgency} urgency${status === "resolved" ? "" : ` · level ${level}: ${text(who)}`} · since ${time(Date.parse(incident.created_at))}</p>
<details><summary>What happened</summary><ol>${steps
      .map((step) => {
        const users = step.users.length === 0 ? "" : `: ${step.users.map(nameOf).join(", ")}`;
        return `<li>${time(step.at)} ${text(summaryOf(step) + users)}</li>`;
      })
      .join("")}</ol></details></li>`;
  };
  const policyItem = (policy: EscalationPolicyRecord) => {
    let minutes = 0;
    const rules = policy.escalation_rules.map(({ targets, escalation_delay_in_minutes }) => {
      const names = targets.map(({ id, type }) =>
        type === "user_reference" ? nameOf(id) : (store.get("schedule", id)?.name ?? id),
      );
      const line = `<li>after ${minutes} min: ${text(names.join(", "))}</li>`;
      minutes += escalation_delay_in_minutes;
      return line;
    });
    return `<li id="${policy.id}"><p><strong>${text(policy.name)}</strong></p><ol>${rules.join("")}</ol>
<p class="quiet">${policy.num_loops === 0 ? "then it stays there" : `begins anew after ${minutes} min, ${policy.num_loops}×`}</p></li>`;
  };
  const serviceItem = (service: ServiceRecord) => {
    const { status } = views.service(service);
    const policy = store.get("escalation_policy", service.escalation_policy)?.name ?? "no policy";
    return `<li id="${service.id}"><p><strong>${text(service.name)}</strong></p><p class="quiet">state: ${status} · pages by the policy ${text(policy)}</p></li>`;
  };
  const onCall = views
    .onCalls()
    .toSorted(
      (a, b) =>
        a.escalation_policy.summary.localeCompare(b.escalation_policy.summary) ||
        a.escalation_level - b.escalation_level,
    )
    .map(
      ({ escalation_policy, escalation_level, user }) =>
        `<li>${text(user.summary)} <span class="quiet">${text(escalation_policy.summary)}, level ${escalation_level}</span></li>`,
    );

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PagerDuty stand-in</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>PagerDuty stand-in</h1>
<p class="quiet">Of the local network: it pages nobody. Now ${time(account.now())}.</p>
${section("Open incidents", open.map(incidentItem), "No incident is open.")}
${section("On call", onCall, "No policy is declared, so nobody is on call.")}
${section("Escalation policies", store.all("escalation_policy").map(policyItem), "None.")}
${section("Services", store.all("service").map(serviceItem), "None.")}
${section(
  "Maintenance windows",
  windows.map(
    ({ id, description, start_time, end_time }) =>
      `<li id="${id}">${text(description || "Maintenance")} <span class="quiet">${time(Date.parse(start_time))} to ${time(Date.parse(end_time))}</span></li>`,
  ),
  "None.",
)}
${section("Resolved incidents", resolved.map(incidentItem), "None.")}
</main>
</body>
</html>
`;
}

function section(title: string, items: readonly string[], empty: string): string {
  const body =
    items.length === 0 ? `<p class="quiet">${empty}</p>` : `<ul>${items.join("\n")}</ul>`;
  return `<section>\n<h2>${title}</h2>\n${body}\n</section>`;
}

function time(at: number): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
