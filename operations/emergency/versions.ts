import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { NodeClient } from "../../aleo/node/client.ts";
import { sdkVersion } from "../../aleo/transaction/sdk.ts";

export interface Versions {
  readonly aleoOps: string;
  /** Of the directory in which it runs; null where that is no checkout. */
  readonly commit: string | null;
  readonly sdk: string;
  readonly node: string;
  /** Of the network; null where no endpoint tells. */
  readonly consensus: number | null;
}

const root = join(import.meta.dirname, "..", "..");
const packageFile = z.object({ version: z.string() });

/** What runs, where it comes from, and by which rules the network runs. */
export async function versions(node: NodeClient): Promise<Versions> {
  return {
    aleoOps: await versionIn(root),
    commit: await commitOf(process.cwd()),
    sdk: sdkVersion(),
    node: process.version,
    consensus: await node.consensusVersion().catch(() => null),
  };
}

async function versionIn(directory: string): Promise<string> {
  const text = await readFile(join(directory, "package.json"), "utf8");
  return packageFile.parse(JSON.parse(text)).version;
}

async function commitOf(directory: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["-C", directory, "rev-parse", "HEAD"]);
    return stdout.trim();
  } catch {
    return null;
  }
}
