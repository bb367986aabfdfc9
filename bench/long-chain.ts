import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";

/**
 * A node that serves a long chain, made of a few real blocks again and again: with heights, hashes,
 * times and transaction ids of its own, and else as they were. A process of its own:
 * `node bench/long-chain.ts FILE BLOCKS [BEGUN_AT MS_PER_BLOCK]`. FILE holds the blocks as JSON. It
 * prints its address. With BEGUN_AT the chain grows by a block every MS_PER_BLOCK from then on.
 */
const [file = "", count = "0", begunAt, interval = "3000"] = process.argv.slice(2);
const blocks = Number(count);
const secondsPerBlock = 3;
const firstTime = Math.floor(Date.now() / 1_000) - blocks * secondsPerBlock;
const patterns = (JSON.parse(readFileSync(file, "utf8")) as PatternBlock[]).map(patternOf);

interface PatternBlock {
  block_hash: string;
  previous_hash: string;
  header: { metadata: { height: number; timestamp: number } };
  transactions: { transaction: { id: string } }[];
}

/** A block's text, cut where each copy has something of its own. */
function patternOf(block: PatternBlock): readonly string[] {
  block.block_hash = "@hash@";
  block.previous_hash = "@previous@";
  const { metadata } = block.header;
  Object.assign(metadata, { height: "@height@", timestamp: "@time@" });
  for (const [index, { transaction }] of block.transactions.entries()) {
    transaction.id = `@id${index}@`;
  }
  return JSON.stringify(block)
    .replaceAll('"@height@"', "@height@")
    .replaceAll('"@time@"', "@time@")
    .split("@");
}

function head(): number {
  if (begunAt === undefined) return blocks;
  return blocks + Math.max(0, Math.floor((Date.now() - Number(begunAt)) / Number(interval)));
}

function hashOf(height: number): string {
  return `ab1${String(height).padStart(58, "q")}`;
}

function blockText(height: number): string {
  const pattern = patterns[height % patterns.length] ?? [];
  return pattern
    .map((part, index) => {
      if (index % 2 === 0) return part;
      if (part === "hash") return hashOf(height);
      if (part === "previous") return hashOf(height - 1);
      if (part === "height") return String(height);
      if (part === "time") return String(firstTime + height * secondsPerBlock);
      return `at1${`${height}x${part.slice(2)}`.padStart(58, "q")}`;
    })
    .join("");
}

const fixed: Readonly<Record<string, string>> = {
  "/consensus_version": "19",
  "/program/agent_registry_v3.aleo": JSON.stringify({
    program: "program agent_registry_v3.aleo;",
    edition: 0,
    transaction_id: "at1",
    program_owner: "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
  }),
};

/** Undefined for what is not there. */
function answerTo(path: string, query: URLSearchParams): string | undefined {
  if (path === "/block/height/latest") return String(head());
  if (path === "/block/latest") return blockText(head());
  if (path === "/blocks") {
    const texts: string[] = [];
    const end = Math.min(Number(query.get("end")), head() + 1);
    for (let height = Number(query.get("start")); height < end; height += 1)
      texts.push(blockText(height));
    return `[${texts.join(",")}]`;
  }
  const sent = /^\/transaction\/unconfirmed\/(at1\w+)$/.exec(path)?.[1];
  if (sent !== undefined) return JSON.stringify({ type: "execute", id: sent.replaceAll("q", "p") });
  const single = /^\/block\/(\d+)$/.exec(path)?.[1];
  if (single !== undefined) return blockText(Number(single));
  return fixed[path] ?? (path.includes("/mapping/") ? "null" : undefined);
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://node");
  const path = /^\/v2\/testnet(\/.*)$/.exec(url.pathname)?.[1];
  const answer = path === undefined ? undefined : answerTo(path, url.searchParams);
  response.writeHead(answer === undefined ? 404 : 200).end(answer);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
