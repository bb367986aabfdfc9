import type { Block } from "../node/shapes.ts";

/** Whatever stands under these names, wherever that is in a transaction. */
const heavy = ["proof", "verifying_keys"];

/**
 * A block without what no replay reads: the committee's certificates, which are most of its bytes,
 * and the proofs and verifying keys of its transactions.
 */
export function slimBlock(block: Block): Block {
  const transactions = block.transactions.map((entry) => without(heavy, entry) as typeof entry);
  return Object.fromEntries(
    Object.entries({ ...block, transactions }).filter(([name]) => name !== "authority"),
  ) as Block;
}

function without(names: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => without(names, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      names.includes(name) ? [] : [[name, without(names, member)]],
    ),
  );
}
