import { z } from "zod";

const transitionShape = z.looseObject({
  id: z.string(),
  program: z.string(),
  function: z.string(),
  inputs: z.array(z.looseObject({ type: z.string(), value: z.string().optional() })).optional(),
});

/** A transaction as nodes give it; only the fields that are used are checked. */
export const transactionShape = z.looseObject({
  type: z.string(),
  id: z.string(),
  fee: z.looseObject({ transition: transitionShape }).nullish(),
});
export type TransactionJson = z.infer<typeof transactionShape>;

/** An entry of a block's `transactions`; that of a rejected one holds its fee transaction. */
const confirmedShape = z.looseObject({
  status: z.enum(["accepted", "rejected"]),
  type: z.enum(["deploy", "execute"]),
  transaction: transactionShape,
});
export type ConfirmedJson = z.infer<typeof confirmedShape>;

const heightShape = z.int().nonnegative();

export const blockShape = z.looseObject({
  block_hash: z.string(),
  previous_hash: z.string(),
  header: z.looseObject({
    metadata: z.looseObject({ height: heightShape, timestamp: z.int() }),
  }),
  transactions: z.array(confirmedShape),
  aborted_transaction_ids: z.array(z.string()),
});
export type Block = z.infer<typeof blockShape>;

const pairShape = z.tuple([z.string(), z.string()]);

export const shapes = {
  height: heightShape,
  count: z.int().nonnegative(),
  text: z.string(),
  textOrNull: z.string().nullable(),
  names: z.array(z.string()).nullable(),
  blocks: z.array(blockShape),
  /** Nodes that know no `?metadata=true` answer with the source alone. */
  program: z.union([
    z.string(),
    z.looseObject({
      program: z.string(),
      edition: z.int().nonnegative(),
      transaction_id: z.string().nullish(),
      program_owner: z.string().nullish(),
      amendment_count: z.int().nonnegative().nullish(),
    }),
  ]),
  amendments: z.looseObject({ amendment_count: z.int().nonnegative() }),
  /** Nodes that know no `?metadata=true` answer with the entry alone. */
  confirmed: z.union([
    z
      .object({ transaction: confirmedShape, block_height: heightShape.nullish() })
      .transform((found) => ({ entry: found.transaction, height: found.block_height })),
    confirmedShape.transform((entry) => ({ entry, height: undefined })),
  ]),
  /** Nodes that know no `metadata=true` answer with the pairs alone. */
  entries: z.union([
    z
      .object({ data: z.array(pairShape), height: heightShape })
      .transform(({ data, height }) => ({ entries: data, height })),
    z.array(pairShape).transform((entries) => ({ entries, height: undefined })),
  ]),
  memoryPool: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
};
