import { AleoError } from "../errors.ts";
import { redact, type PrivateKey } from "../keys.ts";
import { ledgerOf } from "../network.ts";
import type { NodeClient } from "../node/client.ts";
import type { TransactionBuilder } from "./builder.ts";
import { builtExecution, importsFor, inCredits } from "./sdk-transaction.ts";
import { callSdk, sdkQueue } from "./sdk.ts";

export interface DelegatedProver {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly consumerId: string | undefined;
  /** How long the prover may take for one request, in ms. */
  readonly timeoutMs: number;
}

export class DelegatedProvingError extends AleoError {}

/**
 * Executions proven by Provable's delegated prover: this machine signs an authorization, encrypts it
 * for the prover and gets the proven transaction back, unsent, so that it is in the journal before
 * it leaves. Deployments, which that prover does not take, go to `local`.
 */
export function delegatedBuilder(
  node: NodeClient,
  key: PrivateKey,
  local: TransactionBuilder,
  prover: DelegatedProver,
): TransactionBuilder {
  const withSdk = sdkQueue(ledgerOf(node.network));
  return {
    ...local,
    execution: async (request) => {
      const baseFee = await local.estimateExecution(request);
      return withSdk(async (sdk) => {
        const call = `${request.programId}/${request.functionName}`;
        const provingRequest = await callSdk(`Authorizing the call of ${call}`, () =>
          sdk.ProgramManagerBase.buildProvingRequest(
            sdk.PrivateKey.from_string(key.reveal()),
            request.source,
            request.functionName,
            [...request.inputs],
            inCredits(baseFee),
            inCredits(request.priorityFee),
            undefined,
            undefined,
            false,
            false,
            request.edition,
            false,
            importsFor(sdk, request.imports),
          ),
        );
        const prove = proverRequests(prover.timeoutMs);
        const refused = (reason: string) => notProven(call, prover, prove.explain(reason));
        const result = await new sdk.AleoNetworkClient(prover.url, { transport: prove.fetch })
          .submitProvingRequestSafe({
            provingRequest,
            url: prover.url,
            ...(prover.apiKey === undefined ? {} : { apiKey: prover.apiKey }),
            ...(prover.consumerId === undefined ? {} : { consumerId: prover.consumerId }),
          })
          .catch((cause: unknown) => {
            throw refused(cause instanceof Error ? cause.message : String(cause));
          });
        if (!result.ok) throw refused(result.error.message);
        try {
          return builtExecution({ toString: () => JSON.stringify(result.data.transaction) });
        } catch {
          throw refused("it answered with something that is no transaction");
        }
      });
    },
  };
}

/** Requests with an end, and what came of the last: the SDK tells no status from a cut connection. */
function proverRequests(timeoutMs: number) {
  let status: number | undefined;
  return {
    fetch: async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      status = undefined;
      try {
        const response = await fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
        status = response.status;
        return response;
      } catch (error) {
        throw new Error(failureText(error, timeoutMs), { cause: error });
      }
    },
    explain: (reason: string) => (status === undefined ? reason : `HTTP ${status}, ${reason}`),
  };
}

function failureText(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function notProven(call: string, prover: DelegatedProver, reason: string): DelegatedProvingError {
  return new DelegatedProvingError(
    `The prover at ${prover.url} did not prove the call of ${call}: ${redact(reason)}.`,
    {
      remedy:
        "Nothing was sent. Check the prover's URL, API key and consumer id, or set proving to {mode: sdk}, then run again.",
    },
  );
}
