import { join } from "node:path";
import { PrivateKey } from "../keys.ts";
import type { NodeClient } from "../node/client.ts";
import type { TransactionBuilder } from "./builder.ts";
import { delegatedBuilder } from "./delegated-builder.ts";
import { devnodeKey, isDevnode } from "./devnode.ts";
import { provingBuilder } from "./proving-builder.ts";
import { ProvingKeys } from "./proving-keys.ts";
import { unprovenBuilder } from "./unproven-builder.ts";

export interface BuilderOptions {
  readonly node: NodeClient;
  readonly key: PrivateKey;
  readonly proving: { readonly mode: "sdk" } | { readonly mode: "delegated"; readonly url: string };
  /** Credentials of the delegated prover. */
  readonly secrets: {
    readonly proverApiKey: string | undefined;
    readonly proverConsumerId: string | undefined;
  };
  /** Where proving keys are kept between runs. */
  readonly cacheDirectory: string;
}

const proverTimeoutMs = 180_000;

/** The builder that fits the node: unproven for a devnode, else as `proving` says. Asks at its first use. */
export function builderFor(options: BuilderOptions): TransactionBuilder {
  return chosenAtFirstUse(() => choose(options));
}

async function choose(options: BuilderOptions): Promise<TransactionBuilder> {
  const { node, key, proving, secrets } = options;
  if (await isDevnode(node)) return unprovenBuilder(node, key, { devnode: true });
  const local = provingBuilder(
    node,
    key,
    new ProvingKeys(join(options.cacheDirectory, "proving-keys")),
  );
  if (proving.mode === "sdk") return local;
  return delegatedBuilder(node, key, local, {
    url: proving.url,
    apiKey: secrets.proverApiKey,
    consumerId: secrets.proverConsumerId,
    timeoutMs: proverTimeoutMs,
  });
}

/** Prices deployments without anybody's key: it signs with a key that everybody knows and sends nothing. */
export function pricingBuilder(node: NodeClient): TransactionBuilder {
  const knownToAll = new PrivateKey(devnodeKey, "devnode.ts");
  return chosenAtFirstUse(async () =>
    unprovenBuilder(node, knownToAll, { devnode: await isDevnode(node) }),
  );
}

function chosenAtFirstUse(choose: () => Promise<TransactionBuilder>): TransactionBuilder {
  let chosen: Promise<TransactionBuilder> | undefined;
  const builder = async (): Promise<TransactionBuilder> => {
    chosen ??= choose().catch((error: unknown) => {
      chosen = undefined;
      throw error;
    });
    return chosen;
  };
  return {
    signer: async () => (await builder()).signer(),
    deployment: async (request) => (await builder()).deployment(request),
    execution: async (request) => (await builder()).execution(request),
    estimateDeployment: async (request) => (await builder()).estimateDeployment(request),
    estimateExecution: async (request) => (await builder()).estimateExecution(request),
  };
}
