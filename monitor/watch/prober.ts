import type { NodeClient } from "../../aleo/node/client.ts";
import type { ProbeStore } from "../store/probe-store.ts";
import { type Probe, probeName, programOf, readProbe } from "./probe.ts";

/** What nobody's transaction was seen to change is read again after this time, in ms. */
const staleMs = 300_000;

/** Values that are right as they are first found; what differs later is told of. */
const acceptedAtFirst: readonly Probe["kind"][] = ["program", "consensus-version"];

export interface ProberOptions {
  readonly node: NodeClient;
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
      if (now() - known.readAt >= staleMs) return true;
      const program = programOf(probe);
      return touched.size > 0 && (program === undefined || touched.has(program));
    });
    await Promise.all(due.map((probe) => this.#read(probe, height)));
  }

  async #read(probe: Probe, height: number): Promise<void> {
    const { node, probes: store, now, failed } = this.#options;
    const name = probeName(probe);
    try {
      const value = await readProbe(node, probe);
      store.set(name, value, height, now());
      if (!acceptedAtFirst.includes(probe.kind) || value === undefined) return;
      if (store.fact(`accepted:${name}`) === undefined) store.setFact(`accepted:${name}`, value);
    } catch (error) {
      store.fail(name, error instanceof Error ? error.message : String(error));
      failed(probe, error);
    }
  }
}
