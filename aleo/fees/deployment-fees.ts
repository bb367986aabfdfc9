import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { DeploymentRequest, Imports, TransactionBuilder } from "../transaction/builder.ts";

const cached = z.object({ fee: z.string().regex(/^\d+$/) });

/**
 * What deployments cost, without a priority fee, in microcredits. A fee depends on the program's
 * text (its size, its circuits, its constructor, its name) and on what it imports, whose closures
 * become part of its circuits. So it is kept on disk by both: circuits are counted once.
 */
export class DeploymentFees {
  readonly #directory: string;
  readonly #builder: TransactionBuilder;

  /** @param directory a cache folder, which may be shared and may be deleted at any time */
  constructor(directory: string, builder: TransactionBuilder) {
    this.#directory = directory;
    this.#builder = builder;
  }

  async estimate(checksum: string, request: DeploymentRequest): Promise<bigint> {
    const path = join(this.#directory, `${keyOf(checksum, request.imports)}.json`);
    const known = await readCached(path);
    if (known !== undefined) return known;
    const fee = await this.#builder.estimateDeployment(request);
    await mkdir(this.#directory, { recursive: true });
    const aside = `${path}.${process.pid}.tmp`;
    await writeFile(aside, JSON.stringify({ fee: fee.toString() }));
    await rename(aside, path);
    return fee;
  }
}

function keyOf(checksum: string, imports: Imports): string {
  const sources = Object.entries(imports).map(([id, { source }]) => [id, source] as const);
  if (sources.length === 0) return checksum;
  return createHash("sha256")
    .update(JSON.stringify([checksum, ...sources.sort(([a], [b]) => (a < b ? -1 : 1))]))
    .digest("hex");
}

async function readCached(path: string): Promise<bigint | undefined> {
  try {
    return BigInt(cached.parse(JSON.parse(await readFile(path, "utf8"))).fee);
  } catch {
    return undefined;
  }
}
