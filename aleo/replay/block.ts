import { z } from "zod";
import type { Block } from "../node/shapes.ts";

const transitionShape = z.object({
  program: z.string(),
  function: z.string(),
  outputs: z.array(z.object({ type: z.string(), value: z.string().nullish() })).nullish(),
});
export type Transition = z.infer<typeof transitionShape>;

const executionShape = z.object({ transitions: z.array(transitionShape).min(1) });

const deploymentShape = z.object({
  edition: z.int().nonnegative(),
  program: z.string(),
  program_checksum: z.array(z.string()).nullish(),
  program_owner: z.string().nullish(),
});
export type Deployment = z.infer<typeof deploymentShape>;

const feeShape = z.object({ transition: transitionShape }).nullish();

const operationShape = z.object({
  type: z.string(),
  mapping_id: z.string(),
  key_id: z.string().optional(),
  value_id: z.string().optional(),
});

const entryShape = z.object({
  status: z.enum(["accepted", "rejected"]),
  transaction: z.object({
    id: z.string(),
    execution: executionShape.optional(),
    deployment: deploymentShape.optional(),
    fee: feeShape,
  }),
  rejected: z
    .object({ execution: executionShape.optional(), deployment: deploymentShape.optional() })
    .optional(),
  finalize: z.array(operationShape),
});

/** A transaction as a block holds it, read as far as a replay needs it. */
export interface BlockTransaction {
  /** Of a rejected one, that of its fee. */
  readonly id: string;
  readonly status: "accepted" | "rejected";
  readonly transitions: readonly Transition[];
  readonly deployment: Deployment | undefined;
  readonly fee: Transition | undefined;
  readonly operations: z.infer<typeof entryShape>["finalize"];
}

/** @throws {z.ZodError} The block is of a form that this version does not know. */
export function readTransaction(entry: Block["transactions"][number]): BlockTransaction {
  const { status, transaction, rejected, finalize } = entryShape.parse(entry);
  const subject = rejected ?? transaction;
  return {
    id: transaction.id,
    status,
    transitions: subject.execution?.transitions ?? [],
    deployment: subject.deployment,
    fee: transaction.fee?.transition,
    operations: finalize,
  };
}

const genesisShape = z.object({
  type: z.literal("genesis"),
  public_balances: z.record(z.string(), z.union([z.int(), z.string()])),
});

const solutionsShape = z.object({
  solutions: z
    .object({
      solutions: z.array(z.object({ partial_solution: z.object({ address: z.string() }) })),
    })
    .nullish(),
});

/** Balances that the first block gives out, in microcredits. */
export function genesisBalances(block: Block): ReadonlyMap<string, bigint> {
  const ratifications = z.array(z.unknown()).catch([]).parse(block.ratifications);
  return new Map(
    ratifications.flatMap((ratification) => {
      const genesis = genesisShape.safeParse(ratification);
      return genesis.success
        ? Object.entries(genesis.data.public_balances).map(
            ([address, amount]) => [address, BigInt(amount)] as const,
          )
        : [];
    }),
  );
}

/** The addresses that may get a reward for a solution, which stands in no finalize. */
export function rewardedAddresses(block: Block): readonly string[] {
  const found = solutionsShape.safeParse(block.solutions);
  if (!found.success) return [];
  return (found.data.solutions?.solutions ?? []).map(
    ({ partial_solution }) => partial_solution.address,
  );
}
