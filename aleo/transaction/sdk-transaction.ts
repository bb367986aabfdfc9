import { z } from "zod";
import { PrivateKeyError, type PrivateKey } from "../keys.ts";
import { microcreditsPerCredit } from "../network.ts";
import type {
  BuiltTransaction,
  DeploymentRequest,
  ExecutionRequest,
  Imports,
  TransactionBuilder,
} from "./builder.ts";
import { callSdk, SdkError, type Sdk } from "./sdk.ts";

const feeAmount = z
  .string()
  .regex(/^\d+u64$/)
  .transform((text) => BigInt(text.slice(0, -3)));

const transactionJson = z.object({
  id: z.string().startsWith("at1"),
  deployment: z.object({ edition: z.number() }).optional(),
  fee: z.object({
    transition: z.object({
      inputs: z
        .tuple([z.object({ value: feeAmount }), z.object({ value: feeAmount })])
        .rest(z.unknown()),
    }),
  }),
});

/** The text, id and fee of a transaction that the SDK built. */
export function builtExecution(transaction: { toString(): string }): BuiltTransaction {
  const text = transaction.toString();
  const { id, fee } = transactionJson.parse(JSON.parse(text));
  const [base, priority] = fee.transition.inputs;
  return { id, text, fee: base.value + priority.value };
}

/**
 * As `builtExecution`, for a deployment.
 * @throws SdkError where the SDK chose another edition than was asked for
 */
export function builtDeployment(
  transaction: { toString(): string },
  request: DeploymentRequest,
): BuiltTransaction {
  const built = builtExecution(transaction);
  const edition = transactionJson.parse(JSON.parse(built.text)).deployment?.edition;
  if (edition !== request.edition) {
    throw new SdkError(
      `The SDK built edition ${String(edition)} of ${request.programId}; edition ${request.edition} was asked for.`,
      { remedy: "Nothing was sent. Report it with the SDK's version." },
    );
  }
  return built;
}

/** The SDK's own object of imports, each with its edition; undefined where there are none. */
export function importsFor(
  sdk: Sdk,
  imports: Imports,
): InstanceType<Sdk["ProgramImportsBuilder"]> | undefined {
  const entries = Object.entries(imports);
  if (entries.length === 0) return undefined;
  const builder = new sdk.ProgramImportsBuilder();
  for (const [programId, { source, edition }] of entries) {
    builder.addProgram(programId, source, edition);
  }
  return builder;
}

/**
 * What a call with a proof costs without a priority fee, in microcredits, whatever its inputs.
 * @throws SdkError
 */
export function callPrice(
  sdk: Sdk,
  {
    programId,
    source,
    functionName,
    edition,
    imports,
  }: Omit<ExecutionRequest, "inputs" | "priorityFee">,
): Promise<bigint> {
  return callSdk(`Pricing the call of ${programId}/${functionName}`, () =>
    sdk.ProgramManagerBase.estimateExecutionFee(
      source,
      functionName,
      undefined,
      edition,
      importsFor(sdk, imports),
    ),
  );
}

/**
 * The SDK takes priority fees in credits, as a number, and cuts off what is below a microcredit: a
 * quarter more makes sure that the 251 microcredits of 0.000251 credits don't become 250.
 */
export function inCredits(microcredits: bigint): number {
  return (Number(microcredits) + 0.25) / Number(microcreditsPerCredit);
}

/** The part of a builder that is alike for every way of proving. */
export function signerOf(
  withSdk: <Result>(work: (sdk: Sdk) => Promise<Result>) => Promise<Result>,
  key: PrivateKey,
): Pick<TransactionBuilder, "signer"> {
  return {
    signer: () =>
      withSdk((sdk) =>
        callSdk("Reading the private key", () =>
          sdk.PrivateKey.from_string(key.reveal()).to_address().to_string(),
        ).catch((cause: unknown) => {
          throw new PrivateKeyError(
            "The private key has the form of one, but is none: a character is mistyped or missing.",
            {
              remedy:
                "Nothing was sent. Check it where it is set: in the environment variable ALEO_PRIVATE_KEY, or else in the stack's secret privateKey.",
              cause,
            },
          );
        }),
      ),
  };
}
