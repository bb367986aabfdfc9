import { z } from "zod";

/** Nodes write null, or nothing at all. */
const optional = <Shape extends z.ZodType>(shape: Shape) =>
  shape.nullish().transform((value) => value ?? undefined);

const transition = z.object({
  program: z.string(),
  function: z.string(),
  inputs: z.array(z.object({ type: z.string(), value: z.string().optional() })).default([]),
  outputs: z.array(z.object({ type: z.string(), value: z.string().optional() })).default([]),
});
export type Transition = z.infer<typeof transition>;

const execution = z.object({ transitions: z.array(transition) });
const deployment = z.object({
  edition: z.int().nonnegative().default(0),
  program: z.string(),
  program_checksum: z.unknown(),
  program_owner: z.string().nullish(),
});
export type Deployment = z.infer<typeof deployment>;

/** An entry of a block's `transactions`, with what the monitor reads of it. */
export const confirmedTransaction = z.object({
  status: z.enum(["accepted", "rejected"]),
  type: z.enum(["deploy", "execute"]),
  transaction: z.object({
    id: z.string(),
    execution: optional(execution),
    deployment: optional(deployment),
    owner: z.object({ address: z.string() }).nullish(),
    fee: z.object({ transition }).nullish(),
  }),
  /** The original of a rejected transaction: the entry's own holds only the fee. */
  rejected: z
    .object({
      execution: optional(execution),
      deployment: optional(deployment),
      program_owner: z.object({ address: z.string() }).nullish(),
    })
    .nullish(),
  finalize: z
    .array(
      z.object({
        type: z.string(),
        mapping_id: z.string().default(""),
        key_id: z.string().optional(),
      }),
    )
    .default([]),
});
export type ConfirmedTransaction = z.infer<typeof confirmedTransaction>;

/** A transaction in the form in which it was sent. */
export const sentTransaction = confirmedTransaction.shape.transaction;
export type SentTransaction = z.infer<typeof sentTransaction>;
