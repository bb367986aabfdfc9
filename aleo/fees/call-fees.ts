import { ledgerOf, type Network } from "../network.ts";
import type { ExecutionRequest } from "../transaction/builder.ts";
import { callPrice } from "../transaction/sdk-transaction.ts";
import { sdkQueue } from "../transaction/sdk.ts";
import { FeeCache } from "./fee-cache.ts";
import { keyOf } from "./fee-key.ts";

/**
 * What calls cost that nobody has made yet, without a priority fee, in microcredits: with a proof, as
 * real networks want it; a devnode takes them without, for less. The SDK works it out from the size of
 * the proof and the finalize code (`estimateExecutionFee`), in some seconds, so it is kept on disk.
 */
export class CallFees {
  readonly #cache: FeeCache;
  readonly #network: Network;

  /** @param directory a cache folder, which may be shared and may be deleted at any time */
  constructor(directory: () => Promise<string>, network: Network) {
    this.#cache = new FeeCache(directory);
    this.#network = network;
  }

  /** @throws SdkError */
  estimate(
    checksum: string,
    request: Omit<ExecutionRequest, "inputs" | "priorityFee">,
  ): Promise<bigint> {
    const { imports, functionName } = request;
    return this.#cache.remember(`${keyOf(checksum, imports)}-${functionName}`, () =>
      sdkQueue(ledgerOf(this.#network))((sdk) => callPrice(sdk, request)),
    );
  }
}
