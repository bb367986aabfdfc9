import type { PrivateKey } from "../keys.ts";
import { ledgerOf } from "../network.ts";
import type { NodeClient } from "../node/client.ts";
import type {
  BuiltTransaction,
  DeploymentRequest,
  ExecutionRequest,
  TransactionBuilder,
} from "./builder.ts";
import { throughGateway } from "./chain-gateway.ts";
import { evaluatedExecution } from "./evaluated-execution.ts";
import {
  builtDeployment,
  builtExecution,
  importsFor,
  inCredits,
  signerOf,
} from "./sdk-transaction.ts";
import { callSdk, sdkQueue, useDevnodeConsensusHeights } from "./sdk.ts";

/**
 * Transactions without proofs, which only a devnode takes. Deployments carry placeholder keys of
 * the real size with the real counts of variables and constraints, so that their fee is the fee on
 * every network. The first call of a function is built by the SDK, which runs its circuits and prices
 * it; later ones of the same builder are only evaluated, in an eighth of the time, for the same fee.
 */
export function unprovenBuilder(
  node: NodeClient,
  key: PrivateKey,
  { devnode }: { readonly devnode: boolean },
): TransactionBuilder {
  const withSdk = sdkQueue(ledgerOf(node.network), (sdk) => {
    if (devnode) useDevnodeConsensusHeights(sdk);
  });

  const deployment = (request: DeploymentRequest): Promise<BuiltTransaction> =>
    withSdk(async (sdk) => {
      const build =
        request.edition === 0
          ? "buildDevnodeDeploymentTransaction"
          : "buildDevnodeUpgradeTransaction";
      const transaction = await throughGateway(
        node,
        { [request.programId]: request.edition - 1 },
        (url) =>
          callSdk(`Building the deployment of ${request.programId}`, () =>
            sdk.ProgramManagerBase[build](
              sdk.PrivateKey.from_string(key.reveal()),
              request.source,
              inCredits(request.priorityFee),
              undefined,
              url,
              undefined,
              importsFor(sdk, request.imports),
            ),
          ),
      );
      return builtDeployment(transaction, request);
    });

  const firstExecution = (request: ExecutionRequest): Promise<BuiltTransaction> =>
    withSdk(async (sdk) => {
      const transaction = await throughGateway(
        node,
        { [request.programId]: request.edition },
        (url) =>
          callSdk(`Building the call of ${request.programId}/${request.functionName}`, () =>
            sdk.ProgramManagerBase.buildDevnodeExecutionTransaction(
              sdk.PrivateKey.from_string(key.reveal()),
              request.source,
              request.functionName,
              [...request.inputs],
              inCredits(request.priorityFee),
              undefined,
              url,
              undefined,
              request.edition,
              importsFor(sdk, request.imports),
            ),
          ),
      );
      return builtExecution(transaction);
    });

  const baseFees = new Map<string, bigint>();
  const execution = async (request: ExecutionRequest): Promise<BuiltTransaction> => {
    const called = calledFunction(request);
    const baseFee = baseFees.get(called);
    if (baseFee !== undefined) {
      const stateRoot = await node.stateRoot();
      return withSdk((sdk) => evaluatedExecution(sdk, key.reveal(), request, baseFee, stateRoot));
    }
    const built = await firstExecution(request);
    if (hasOnePrice(request)) baseFees.set(called, built.fee - request.priorityFee);
    return built;
  };

  return {
    ...signerOf(withSdk, key),
    deployment,
    execution,
    estimateDeployment: async (request) => (await deployment({ ...request, priorityFee: 0n })).fee,
    estimateExecution: async (request) => (await execution({ ...request, priorityFee: 0n })).fee,
  };
}

function calledFunction({ programId, edition, source, functionName, imports }: ExecutionRequest) {
  return JSON.stringify([programId, edition, functionName, source, imports]);
}

/** Whether all calls of a function have one size, and so one fee: not where it calls what the call names. */
function hasOnePrice({ source, imports }: ExecutionRequest): boolean {
  const sources = [source, ...Object.values(imports).map((imported) => imported.source)];
  return !sources.some((text) => text.includes("call.dynamic"));
}
