import type { ProbeStore } from "../store/probe-store.ts";
import { isTouched, type Probe, probeName, readProbe, type Sources } from "./probe.ts";

/** What nobody's transaction was seen to change is read again after this time, in ms. */
const staleMs = 300_000;
/** The catalog of backups is many requests. */
const backupsStaleMs = 900_000;
/** What could not be read is tried again after this time, in ms. */
const retryMs = 5_000;
const backupsRetryMs = 60_000;

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
  readonly #failedAt = new Map<string, number>();
  readonly #ended = new AbortController();
  #beside: Promise<void> | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /**
   * Reads what is due. Backups, which take long, are read beside it and are there the next time.
   * @param touched programs with transactions since the last time
   * @param height up to which the chain was read
   */
  async read(
    probes: readonly Probe[],
    touched: ReadonlySet<string>,
    height: number,
  ): Promise<void> {
    const due = probes.filter((probe) => this.#isDue(probe, touched));
    const slow = due.find(({ kind }) => kind === "backups");
    if (slow !== undefined && this.#beside === undefined) {
      this.#beside = this.#read(slow, height).finally(() => {
        this.#beside = undefined;
      });
    }
    const quick = due.filter(({ kind }) => kind !== "backups");
    await Promise.all(quick.map((probe) => this.#read(probe, height)));
  }

  /** Ends what is read beside, and waits for its end. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#beside;
  }

  #isDue(probe: Probe, touched: ReadonlySet<string>): boolean {
    const { probes: store, now } = this.#options;
    const name = probeName(probe);
    const isSlow = probe.kind === "backups";
    const failedAt = this.#failedAt.get(name);
    if (failedAt !== undefined) return now() - failedAt >= (isSlow ? backupsRetryMs : retryMs);
    const known = store.get(name);
    if (known === undefined) return true;
    const stale = isSlow ? backupsStaleMs : staleMs;
    return now() - known.readAt >= stale || isTouched(probe, touched);
  }

  async #read(probe: Probe, height: number): Promise<void> {
    const { sources, probes: store, now, failed } = this.#options;
    const name = probeName(probe);
    try {
      const value = await readProbe(sources, probe, this.#ended.signal);
      store.set(name, value, height, now());
      this.#failedAt.delete(name);
      if (!acceptedAtFirst.includes(probe.kind) || value === undefined) return;
      if (store.fact(`accepted:${name}`) === undefined) store.setFact(`accepted:${name}`, value);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.#failedAt.set(name, now());
      store.fail(name, error instanceof Error ? error.message : String(error));
      failed(probe, error);
    }
  }
}
