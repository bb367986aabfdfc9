import type { PrivateKey } from "../keys.ts";
import { ledgerOf } from "../network.ts";
import type { NodeClient } from "../node/client.ts";
import type { TransactionBuilder } from "./builder.ts";
import { throughGateway } from "./chain-gateway.ts";
import type { ProvingKeys } from "./proving-keys.ts";
import {
  builtDeployment,
  builtExecution,
  callPrice,
  importsFor,
  inCredits,
  signerOf,
} from "./sdk-transaction.ts";
import { callSdk, sdkQueue } from "./sdk.ts";
import { unprovenBuilder } from "./unproven-builder.ts";

/** Transactions whose proofs the SDK makes on this machine: minutes and gigabytes for large programs. */
export function provingBuilder(
  node: NodeClient,
  key: PrivateKey,
  provingKeys: ProvingKeys,
): TransactionBuilder {
  const withSdk = sdkQueue(ledgerOf(node.network));
  return {
    ...signerOf(withSdk, key),
    deployment: (request) =>
      withSdk(async (sdk) => {
        const [feeProver, feeVerifier] = await provingKeys.publicFee(sdk);
        const build =
          request.edition === 0 ? "buildDeploymentTransaction" : "buildUpgradeTransaction";
        const transaction = await throughGateway(
          node,
          { [request.programId]: request.edition - 1 },
          (url) =>
            callSdk(`Proving the deployment of ${request.programId}`, () =>
              sdk.ProgramManagerBase[build](
                sdk.PrivateKey.from_string(key.reveal()),
                request.source,
                inCredits(request.priorityFee),
                undefined,
                url,
                undefined,
                feeProver,
                feeVerifier,
                undefined,
                importsFor(sdk, request.imports),
              ),
            ),
        );
        return builtDeployment(transaction, request);
      }),
    execution: (request) =>
      withSdk(async (sdk) => {
        const [feeProver, feeVerifier] = await provingKeys.publicFee(sdk);
        const transaction = await throughGateway(
          node,
          { [request.programId]: request.edition },
          (url) =>
            callSdk(`Proving the call of ${request.programId}/${request.functionName}`, () =>
              sdk.ProgramManagerBase.buildExecutionTransaction(
                sdk.PrivateKey.from_string(key.reveal()),
                request.source,
                request.functionName,
                [...request.inputs],
                inCredits(request.priorityFee),
                undefined,
                url,
                undefined,
                undefined,
                undefined,
                feeProver,
                feeVerifier,
                undefined,
                request.edition,
                importsFor(sdk, request.imports),
              ),
            ),
        );
        return builtExecution(transaction);
      }),
    estimateDeployment: (request) =>
      unprovenBuilder(node, key, { devnode: false }).estimateDeployment(request),
    estimateExecution: (request) => withSdk((sdk) => callPrice(sdk, request)),
  };
}
