import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../../aleo/cache-directory.ts";
import type { Environment } from "../../aleo/environment.ts";
import { readIfThere, writeWhole } from "../../aleo/files.ts";
import type { Network } from "../../aleo/network.ts";

/**
 * When a failure that lasts was told of in messages, for an operation whose cache outlives it. Where it
 * does not, or can't be used, each failure counts as the first.
 */
export class LastTold {
  readonly #path: string;

  constructor(environment: Environment, network: Network, operation: string) {
    this.#path = join(cacheDirectory(environment), "scheduled", network, operation);
  }

  async read(): Promise<Date | undefined> {
    const text = await readIfThere(this.#path).catch(() => undefined);
    const time = new Date(text ?? "");
    return Number.isNaN(time.getTime()) ? undefined : time;
  }

  /** @param time undefined where the failure is over */
  async write(time: Date | undefined): Promise<void> {
    const done =
      time === undefined
        ? rm(this.#path, { force: true })
        : writeWhole(this.#path, time.toISOString());
    await done.catch(() => undefined);
  }
}
