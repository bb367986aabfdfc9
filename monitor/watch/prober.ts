import type { ProbeStore } from "../store/probe-store.ts";
import { isTouched, type Probe, probeName, readProbe, type Sources } from "./probe.ts";

/** What nobody's transaction was seen to change is read again after this time, in ms. */
const staleMs = 300_000;
/** The catalog of backups is many requests. */
const backupsStaleMs = 900_000;

/** Values that are right as they are first found; what differs later is told of. */
const acceptedAtFirst: readonly Probe["kind"][] = ["program", "consensus-version"];

export interface ProberOptions {
  readonly sources: Sources;
  readonly probes: ProbeStore;
  readonly now: () => number;
  readonly failed: (probe: Probe, error: unknown) => void;
}

/** Reads from a node what no block tells, when it may have changed, and now and then. */
export class Prober {
  readonly #options: ProberOptions;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /**
   * @param touched programs with transactions since the last time
   * @param height up to which the chain was read
   */
  async read(
    probes: readonly Probe[],
    touched: ReadonlySet<string>,
    height: number,
  ): Promise<void> {
    const { probes: store, now } = this.#options;
    const due = probes.filter((probe) => {
      const known = store.get(probeName(probe));
      if (known === undefined || known.problem !== undefined) return true;
      const stale = probe.kind === "backups" ? backupsStaleMs : staleMs;
      return now() - known.readAt >= stale || isTouched(probe, touched);
    });
    await Promise.all(due.map((probe) => this.#read(probe, height)));
  }

  async #read(probe: Probe, height: number): Promise<void> {
    const { sources, probes: store, now, failed } = this.#options;
    const name = probeName(probe);
    try {
      const value = await readProbe(sources, probe);
      store.set(name, value, height, now());
      if (!acceptedAtFirst.includes(probe.kind) || value === undefined) return;
      if (store.fact(`accepted:${name}`) === undefined) store.setFact(`accepted:${name}`, value);
    } catch (error) {
      store.fail(name, error instanceof Error ? error.message : String(error));
      failed(probe, error);
    }
  }
}
