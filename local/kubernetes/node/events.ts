import { randomBytes } from "node:crypto";
import type { Api } from "../api.ts";
import type { Pod } from "../wire.ts";

/** The same event of the same pod is reported at most this often. */
const quietMs = 60_000;

/** Tells what happened to a pod, for `kubectl describe` and `kubectl get events`. */
export class Events {
  readonly #api: Api;
  readonly #node: string;
  readonly #last = new Map<string, number>();

  constructor(api: Api, node: string) {
    this.#api = api;
    this.#node = node;
  }

  /** Sends the event and does not wait: a lost one is no loss. */
  record(pod: Pod, type: "Normal" | "Warning", reason: string, message: string): void {
    const { name = "", namespace = "", uid = "" } = pod.metadata ?? {};
    const key = `${uid} ${reason} ${message}`;
    const time = Date.now();
    if (time - (this.#last.get(key) ?? 0) < quietMs) return;
    for (const [old, at] of this.#last) if (time - at >= quietMs) this.#last.delete(old);
    this.#last.set(key, time);
    const timestamp = new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${randomBytes(8).toString("hex")}`, namespace },
      involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid },
      type,
      reason,
      message,
      source: { component: "aleo-ops-node", host: this.#node },
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      count: 1,
    };
    void this.#api.create(`/api/v1/namespaces/${namespace}/events`, event).catch(() => undefined);
  }
}
