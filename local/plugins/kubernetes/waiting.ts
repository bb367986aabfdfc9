import { setTimeout as pause } from "node:timers/promises";
import { LocalError } from "../../errors.ts";
import type { CallContext } from "../server/resource-type.ts";
import { InitializationFailed } from "../server/failures.ts";
import { isObject } from "../server/values.ts";
import type { Cluster, Place } from "./cluster.ts";
import { idOf, type Manifest, outputsOf } from "./manifest.ts";
import { missing, troubleOf } from "./readiness.ts";

const lookMs = 300;
const longestMs = 10 * 60_000;

/**
 * Waits until the object is ready, and gives it as it is then.
 * @throws InitializationFailed with what its pods say, once the time is over
 */
export async function untilReady(
  cluster: Cluster,
  place: Place,
  first: Manifest,
  context: CallContext,
): Promise<Manifest> {
  const allowedMs = context.timeoutMs ?? longestMs;
  const deadline = Date.now() + allowedMs;
  let live = first;
  let shown = "";
  for (;;) {
    const lacks = missing(live);
    if (lacks === undefined) return live;
    const trouble = await troubles(cluster, live);
    if (Date.now() > deadline || context.signal.aborted) {
      const waited = context.signal.aborted ? "the run was cancelled" : `${allowedMs / 1_000} s`;
      throw new InitializationFailed(idOf(live), outputsOf(live), [
        `${place.kind} ${idOf(live)} is there and not ready after ${waited}: it waits for ${lacks}`,
        ...trouble,
      ]);
    }
    const line = [`waits for ${lacks}`, ...trouble].join("; ");
    if (line !== shown) context.status(line);
    shown = line;
    await pause(lookMs);
    live = (await cluster.get(place)) ?? vanished(place, live);
  }
}

/**
 * Waits until the object is gone.
 * @throws LocalError that names what holds it, once the time is over
 */
export async function untilGone(
  cluster: Cluster,
  place: Place,
  context: CallContext,
): Promise<void> {
  const allowedMs = context.timeoutMs ?? longestMs;
  const deadline = Date.now() + allowedMs;
  for (;;) {
    const live = await cluster.get(place);
    if (live === undefined) return;
    if (Date.now() > deadline || context.signal.aborted) {
      throw new LocalError(
        `${place.kind} ${idOf(live)} is not gone after ${allowedMs / 1_000} s: ${holdersOf(live)}`,
        {
          remedy: `See what holds it: kubectl get ${place.kind} ${place.name}${place.namespace === undefined ? "" : ` -n ${place.namespace}`} -o yaml. Then run it again.`,
        },
      );
    }
    await pause(lookMs);
  }
}

async function troubles(cluster: Cluster, live: Manifest): Promise<string[]> {
  const { namespace } = live.metadata;
  const selector = isObject(live.spec) ? live.spec.selector : undefined;
  const labels = isObject(selector) ? selector.matchLabels : undefined;
  if (live.kind !== "StatefulSet" || namespace === undefined || !isObject(labels)) return [];
  const pods = await cluster.pods(namespace, labels as Record<string, string>);
  return pods.flatMap(troubleOf);
}

function vanished(place: Place, live: Manifest): never {
  throw new LocalError(`${place.kind} ${idOf(live)} was deleted while it was waited for.`, {
    remedy: "Find out who deleted it; then run it again.",
  });
}

function holdersOf(live: Manifest): string {
  const { finalizers } = live.metadata;
  const conditions = isObject(live.status) ? live.status.conditions : undefined;
  const messages = (Array.isArray(conditions) ? conditions : [])
    .filter(isObject)
    .filter(({ status }) => status === "True")
    .map(({ message }) => String(message));
  const names = Array.isArray(finalizers) ? finalizers.join(", ") : "what it owns is still there";
  return [`held by ${names}`, ...messages].join("; ");
}
