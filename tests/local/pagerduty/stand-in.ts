import { join } from "node:path";
import { pagerDutyService, pagerDutyUrl } from "../../../local/pagerduty/service.ts";
import { freePort, requireFreePort } from "../../../local/ports.ts";
import { startChild } from "../../../local/service.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A PagerDuty stand-in of a test's own, as a process. */
export interface StandIn {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly directory: string;
  readonly logFile: string;
  /** A REST call with the token; bodies are JSON. */
  call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** An event, sent as it is given: a text, or what becomes JSON. */
  send(event: unknown): Promise<Answer<Record<string, unknown>>>;
  /** SIGKILL, and up again on the same port with the same directory. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export const token = "a-token-of-the-tests";

export async function startStandIn(): Promise<StandIn> {
  const { path: directory, remove } = temporaryDirectory("pagerduty");
  const port = await freePort();
  const url = pagerDutyUrl(port);
  const logFile = join(directory, "log");
  const service = pagerDutyService({ directory, port, logFile, token });
  let child = await startChild(service);

  const ask = async <Body>(path: string, init: RequestInit): Promise<Answer<Body>> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const body = (text === "" ? {} : JSON.parse(text)) as Body;
    return { status: response.status, headers: response.headers, body };
  };
  return {
    url,
    port,
    token,
    directory,
    logFile,
    call: (method, path, body, headers) =>
      ask(path, {
        method,
        headers: {
          authorization: `Token token=${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    send: (event) =>
      ask("/v2/enqueue", {
        method: "POST",
        body: typeof event === "string" ? event : JSON.stringify(event),
      }),
    killAndRestart: async () => {
      process.kill(child.pid, "SIGKILL");
      await child.stop();
      // What other threads of a killed process hold goes a moment after the process.
      while (await isListening(port)) await new Promise((resolve) => setTimeout(resolve, 50));
      child = await startChild(service);
    },
    stop: async () => {
      await child.stop();
      remove();
    },
  };
}

/** A service whose policy reaches these users 5 minutes apart; gives back its routing key. */
export async function routingKeyTo(standIn: StandIn, ...users: string[]): Promise<string> {
  const escalation_rules = users.map((id) => ({
    escalation_delay_in_minutes: 5,
    targets: [{ id, type: "user_reference" }],
  }));
  const { body: policy } = await standIn.call<{ escalation_policy: { id: string } }>(
    "POST",
    "/escalation_policies",
    { escalation_policy: { name: "Critical", escalation_rules } },
  );
  const { body: service } = await standIn.call<{ service: { id: string } }>("POST", "/services", {
    service: { name: "Critical", escalation_policy: { id: policy.escalation_policy.id } },
  });
  const { body } = await standIn.call<{ integration: { integration_key: string } }>(
    "POST",
    `/services/${service.service.id}/integrations`,
    { integration: { name: "monitor", type: "events_api_v2_inbound_integration" } },
  );
  return body.integration.integration_key;
}

async function isListening(port: number): Promise<boolean> {
  return requireFreePort(port).then(
    () => false,
    () => true,
  );
}
