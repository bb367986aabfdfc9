import { join } from "node:path";
import { cacheDirectory } from "../cache-directory.ts";
import type { Environment } from "../environment.ts";
import type { NodeClient } from "../node/client.ts";
import type { TransactionBuilder } from "../transaction/builder.ts";
import { sdkVersion } from "../transaction/sdk.ts";
import { CallFees } from "./call-fees.ts";
import { DeploymentFees } from "./deployment-fees.ts";

export interface NetworkFees {
  readonly deployments: DeploymentFees;
  readonly calls: CallFees;
}

/**
 * What a network asks for, each fee worked out once. They are kept by network, by its consensus version
 * and by the SDK's version: each of these may change a price. The node is asked at the first one.
 */
export function networkFees(
  node: Pick<NodeClient, "network" | "consensusVersion">,
  environment: Environment,
  builder: TransactionBuilder,
): NetworkFees {
  let asked: Promise<string> | undefined;
  const folder = async () => {
    asked ??= folderOf(node, environment);
    try {
      return await asked;
    } catch (error) {
      asked = undefined;
      throw error;
    }
  };
  return {
    deployments: new DeploymentFees(async () => join(await folder(), "deployments"), builder),
    calls: new CallFees(async () => join(await folder(), "calls"), node.network),
  };
}

async function folderOf(
  node: Pick<NodeClient, "network" | "consensusVersion">,
  environment: Environment,
): Promise<string> {
  const version = `v${await node.consensusVersion()}-sdk${sdkVersion()}`;
  return join(cacheDirectory(environment), "fees", node.network, version);
}
