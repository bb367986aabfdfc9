import type { DeploymentRequest, TransactionBuilder } from "../transaction/builder.ts";
import { FeeCache } from "./fee-cache.ts";
import { keyOf } from "./fee-key.ts";

/**
 * What deployments cost, without a priority fee, in microcredits. A fee depends on the program's
 * text (its size, its circuits, its constructor, its name) and on what it imports, whose closures
 * become part of its circuits. So it is kept on disk by both: circuits are counted once.
 */
export class DeploymentFees {
  readonly #cache: FeeCache;
  readonly #builder: TransactionBuilder;

  /** @param directory a cache folder, which may be shared and may be deleted at any time */
  constructor(directory: () => Promise<string>, builder: TransactionBuilder) {
    this.#cache = new FeeCache(directory);
    this.#builder = builder;
  }

  estimate(checksum: string, request: DeploymentRequest): Promise<bigint> {
    return this.#cache.remember(keyOf(checksum, request.imports), () =>
      this.#builder.estimateDeployment(request),
    );
  }
}
