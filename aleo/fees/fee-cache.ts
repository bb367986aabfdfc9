import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../files.ts";

const cached = z.object({ fee: z.string().regex(/^\d+$/) });

/** Fees in microcredits on disk, each worked out once. The folder may be shared, and deleted at any time. */
export class FeeCache {
  readonly #directory: () => Promise<string>;

  constructor(directory: () => Promise<string>) {
    this.#directory = directory;
  }

  /** @param key what the fee depends on, as the name of a file */
  async remember(key: string, workOut: () => Promise<bigint>): Promise<bigint> {
    const path = join(await this.#directory(), `${key}.json`);
    const known = await readCached(path);
    if (known !== undefined) return known;
    const fee = await workOut();
    await writeWhole(path, JSON.stringify({ fee: fee.toString() }));
    return fee;
  }
}

async function readCached(path: string): Promise<bigint | undefined> {
  try {
    return BigInt(cached.parse(JSON.parse(await readFile(path, "utf8"))).fee);
  } catch {
    return undefined;
  }
}
