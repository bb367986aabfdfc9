import { createHash } from "node:crypto";
import type { Imports } from "../transaction/builder.ts";

/** What a program's fees depend on, as the name of a file. */
export function keyOf(checksum: string, imports: Imports): string {
  const sources = Object.entries(imports).map(([id, { source }]) => [id, source] as const);
  if (sources.length === 0) return checksum;
  return createHash("sha256")
    .update(JSON.stringify([checksum, ...sources.sort(([a], [b]) => (a < b ? -1 : 1))]))
    .digest("hex");
}
