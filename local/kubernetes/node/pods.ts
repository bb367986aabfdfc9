import { existsSync, readdirSync } from "node:fs";
import type { Pod } from "../wire.ts";
import { PodWorker, type WorkerContext } from "./pod-worker.ts";

/** At the end of the node, containers get this long at most. */
const leaveMs = 20_000;

/** The pods that are bound to the node, each with its worker. */
export class Pods {
  readonly #context: WorkerContext;
  readonly #workers = new Map<string, PodWorker>();
  readonly #uids = new Map<string, string>();

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  /** Follows the pods of the node until `signal` aborts; `first` is called after the first list. */
  follow(node: string, first: () => void, signal: AbortSignal): Promise<void> {
    const { api, log } = this.#context;
    return api.follow<Pod>(
      "/api/v1/pods",
      { fieldSelector: `spec.nodeName=${node}` },
      {
        listed: (pods) => {
          const present = new Set(pods.map(uidOf));
          const left = [...this.#workers.keys(), ...this.#onDisk()];
          for (const uid of new Set(left)) if (!present.has(uid)) this.#remove(uid);
          for (const pod of pods) this.#update(pod);
          first();
        },
        changed: (pod) => {
          this.#update(pod);
        },
        deleted: (pod) => {
          this.#remove(uidOf(pod));
        },
        lost: (error) => {
          log(`the watch of pods: ${String(error)}`);
        },
      },
      signal,
    );
  }

  /** Looks after every pod: for what no message told of. */
  look(): void {
    for (const worker of this.#workers.values()) worker.look();
  }

  /** The id of the pod of that name. */
  uidOf(namespace: string, name: string): string | undefined {
    return this.#uids.get(`${namespace}/${name}`);
  }

  /** Ends all containers because the node ends. */
  async leave(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.leave(leaveMs)));
  }

  #update(pod: Pod): void {
    const uid = uidOf(pod);
    this.#uids.set(`${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""}`, uid);
    const worker = this.#workers.get(uid);
    if (worker !== undefined) {
      worker.update(pod);
      return;
    }
    const added = new PodWorker(pod, this.#context);
    this.#workers.set(uid, added);
    added.look();
  }

  #remove(uid: string): void {
    const worker = this.#workers.get(uid) ?? this.#leftover(uid);
    this.#workers.delete(uid);
    for (const [name, of] of this.#uids) if (of === uid) this.#uids.delete(name);
    void worker.remove().catch((error: unknown) => {
      this.#context.log(`the files of pod ${uid}: ${String(error)}`);
    });
  }

  /** A pod that was deleted while no node ran: only its directory tells what it was. */
  #leftover(uid: string): PodWorker {
    const directory = `${this.#context.directory}/${uid}/containers`;
    const containers = existsSync(directory)
      ? readdirSync(directory).map((name) => ({ name }))
      : [];
    return new PodWorker({ metadata: { uid }, spec: { containers } }, this.#context);
  }

  #onDisk(): string[] {
    const { directory } = this.#context;
    return existsSync(directory) ? readdirSync(directory) : [];
  }
}

function uidOf(pod: Pod): string {
  return pod.metadata?.uid ?? "";
}
