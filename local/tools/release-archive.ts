import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { LocalError, messageOf } from "../errors.ts";
import type { Progress } from "./tool.ts";

export interface ReleaseArchive {
  /** Folders that serve the archive and the file of checksums, tried in this order. */
  readonly bases: readonly string[];
  readonly archive: string;
  /** Lines of `<sha256>  <file name>`. */
  readonly checksums: string;
}

/** Raised when no base could be reached, so that another way may be taken. */
export class ReleaseUnreachable extends Error {
  constructor(reasons: readonly string[]) {
    super(reasons.join("; "));
    this.name = "ReleaseUnreachable";
  }
}

const connectMs = 3_000;
const answerMs = 5_000;
const silenceMs = 15_000;
const redirects = 5;

/**
 * Downloads a release archive, checks it against its published SHA-256 and unpacks it without its
 * top folder into `directory`.
 *
 * @throws ReleaseUnreachable when none of the bases serves it, within a few seconds a base
 * @throws LocalError when the archive is not the published one
 */
export async function unpackRelease(
  release: ReleaseArchive,
  directory: string,
  progress: Progress,
): Promise<void> {
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: connectMs },
    headersTimeout: answerMs,
    bodyTimeout: silenceMs,
  });
  try {
    const reasons: string[] = [];
    for (const base of release.bases) {
      try {
        await unpackFrom(base, release, directory, agent, progress);
        return;
      } catch (error) {
        if (error instanceof LocalError) throw error;
        reasons.push(`${base}: ${messageOf(error)}`);
      }
    }
    throw new ReleaseUnreachable(reasons);
  } finally {
    await agent.destroy();
  }
}

async function unpackFrom(
  base: string,
  release: ReleaseArchive,
  directory: string,
  agent: Dispatcher,
  progress: Progress,
): Promise<void> {
  progress(`looking at ${base}`);
  const listed = await (await get(`${base}/${release.checksums}`, agent)).text();
  const expected = checksumOf(release.archive, listed);
  if (expected === undefined) {
    throw new Error(`${release.checksums} does not list ${release.archive}`);
  }
  const file = join(directory, release.archive);
  const body = await get(`${base}/${release.archive}`, agent);
  progress(`downloading ${release.archive}`);
  await pipeline(Readable.from(body), createWriteStream(file));
  const actual = await sha256(file);
  if (actual !== expected) {
    throw new LocalError(
      `${base}/${release.archive} has the SHA-256 ${actual}; the published one is ${expected}.`,
      { remedy: "Nothing was installed. Look at what stands between this machine and that host." },
    );
  }
  await execa("tar", ["-xzf", file, "-C", directory, "--strip-components=1"]);
  await rm(file);
}

/** The SHA-256 that a file of `<sha256>  <name>` lines gives for `name`. */
export function checksumOf(name: string, listed: string): string | undefined {
  for (const line of listed.split("\n")) {
    const match = /^([0-9a-f]{64})\s+\*?(.+)$/.exec(line.trim());
    if (match?.[2] === name) return match[1];
  }
  return undefined;
}

async function get(url: string, agent: Dispatcher): Promise<Dispatcher.ResponseData["body"]> {
  let next = url;
  for (let hop = 0; hop <= redirects; hop++) {
    const { statusCode, headers, body } = await request(next, { dispatcher: agent });
    if (statusCode === 200) return body;
    await body.dump();
    const { location } = headers;
    if (statusCode < 300 || statusCode >= 400 || typeof location !== "string") {
      throw new Error(`HTTP ${statusCode} for ${next}`);
    }
    next = new URL(location, next).href;
  }
  throw new Error(`more than ${redirects} redirects for ${url}`);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
