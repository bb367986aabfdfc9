import type { Account } from "./account.ts";
import { checkEvent, type Event } from "./event.ts";
import { newId, newKey } from "./store.ts";
import type { IncidentAction, IncidentRecord, IntegrationRecord } from "./records.ts";

export interface EventAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Takes an event as POST /v2/enqueue does, and makes or changes the incident that it is for. */
export function enqueue(account: Account, body: string): EventAnswer {
  const check = checkEvent(body);
  if ("errors" in check) return refusal(check.errors);
  const { event } = check;
  const integration = account.store
    .all("integration")
    .find(({ integration_key }) => integration_key === event.routing_key);
  if (integration === undefined) return refusal(["Invalid routing key"]);
  const dedupKey = event.dedup_key ?? newKey();
  take(account, integration, event, dedupKey);
  return {
    status: 202,
    body: { status: "success", message: "Event processed", dedup_key: dedupKey },
  };
}

function refusal(errors: readonly string[]): EventAnswer {
  return {
    status: 400,
    body: { status: "invalid event", message: "Event object is invalid", errors },
  };
}

function take(
  account: Account,
  integration: IntegrationRecord,
  event: Event,
  dedupKey: string,
): void {
  const { store } = account;
  const incidents = store.all("incident");
  const open = incidents.find(
    (incident) =>
      incident.service.id === integration.service &&
      incident.dedup_key === dedupKey &&
      account.progressOf(incident).status !== "resolved",
  );
  if (event.event_action !== "trigger") {
    // Without an incident that is open there is nothing to do, which is no error.
    if (open !== undefined) act(account, open, event.event_action, "Events API");
    return;
  }
  const { summary, severity, source, custom_details = null } = event.payload;
  const alert = {
    id: newId(),
    at: account.timestamp(),
    summary,
    severity,
    source,
    custom_details,
  };
  if (open !== undefined) {
    store.put("incident", { ...open, alerts: [...open.alerts, alert] });
    return;
  }
  const service = store.get("service", integration.service);
  const policy =
    service === undefined ? undefined : store.get("escalation_policy", service.escalation_policy);
  if (service === undefined || policy === undefined) return;
  // A service under maintenance or switched off takes events and makes no incident of them.
  if (service.disabled || account.isInMaintenance(service.id)) return;
  store.put("incident", {
    id: newId(),
    incident_number: incidents.length + 1,
    created_at: account.timestamp(),
    service,
    policy,
    dedup_key: dedupKey,
    alerts: [alert],
    actions: [],
  });
}

/** Somebody acknowledges or resolves an incident. */
export function act(
  account: Account,
  incident: IncidentRecord,
  type: IncidentAction["type"],
  by: string,
): void {
  const action = { at: account.timestamp(), type, by };
  account.store.put("incident", { ...incident, actions: [...incident.actions, action] });
}
