import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../aleo/node/client.ts";
import type { Block } from "../aleo/node/shapes.ts";
import { snapshotDigest } from "../aleo/snapshot/digest.ts";
import { snapshotByListing } from "../aleo/snapshot/listing.ts";
import { snapshotByReplay } from "../aleo/snapshot/replayed.ts";
import { startDevnode } from "../local/devnode.ts";
import { freePort } from "../local/ports.ts";
import { admin, alice } from "../tests/contracts/accounts.ts";
import { registryCalls } from "../tests/contracts/agent-registry.ts";
import { Ledger } from "../tests/aleo/replay/ledger.ts";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { compare, describe, seconds } from "./measure.ts";

/** What the public API gives at 5 requests a second of 50 blocks each. */
const publicBlocksPerSecond = 250;
const batch = 50;
const program = "agent_registry_v3.aleo";

const callBlocks = Number(process.argv[2] ?? 500);
const runs = Number(process.argv[3] ?? 5);
const scratch = temporaryDirectory("bench-replay");
const devnode = await startDevnode({
  directory: join(scratch.path, "ledger"),
  logFile: join(scratch.path, "devnode.log"),
  port: await freePort(),
  manualBlocks: true,
});
const node = connect({ network: "local", endpoints: [devnode.url] });

try {
  await measure();
} finally {
  await node.close();
  await devnode.stop();
  scratch.remove();
}

async function measure(): Promise<void> {
  await registerAgents();
  const head = await node.latestHeight();
  const file = join(scratch.path, "blocks.json");
  writeFileSync(file, JSON.stringify(await node.blocks(0, Infinity)));
  const listed = await snapshotByListing(node, program);

  let operations = 0;
  let used = 0;
  const replay = async (blocks: (from: number, to: number) => AsyncIterable<Block>) => {
    const start = process.cpuUsage();
    const { snapshot } = await snapshotByReplay(node, program, { height: head, blocks });
    const { user, system } = process.cpuUsage(start);
    used = (user + system) / 1_000;
    if (snapshotDigest(snapshot) !== snapshotDigest(listed)) throw new Error("the replay is wrong");
    if (snapshot.verification.kind === "operation-ids")
      operations = snapshot.verification.operations;
  };

  const paced = await compare({
    what: `${callBlocks} blocks with a call each, replayed with all ids checked, from an API of ${publicBlocksPerSecond} blocks a second`,
    referenceName: "the bare download at that pace",
    goal: 1 / 0.9,
    runs,
    ours: () => replay((from, to) => atPublicPace(file, from, to)),
    reference: () => drain(atPublicPace(file, 0, head)),
  });
  console.log(`${describe(paced)}\n`);

  const local: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    local.push(await seconds(() => replay((from, to) => fromFile(file, from, to))));
    const blocks = callBlocks;
    console.log(
      `From a local file: ${(blocks / (local.at(-1) ?? NaN)).toFixed(0)} blocks/s, ` +
        `${((blocks * 1_000) / used).toFixed(0)} blocks and ${((operations * 1_000) / used).toFixed(0)} operations a second of one core`,
    );
  }
  const download = await seconds(() => drain(fromNode(head)));
  console.log(`Bare download from the devnode: ${(head / download).toFixed(0)} blocks/s`);
}

/** One agent a block: eight changes of the ledger each, the fee's with it. */
async function registerAgents(): Promise<void> {
  const ledger = new Ledger(() => devnode.url);
  if ((await ledger.chain.deploy(admin, program)) !== "accepted") throw new Error("not deployed");
  const { register } = registryCalls(program);
  for (let agent = 1; agent <= callBlocks; agent += 1) {
    await ledger.send([register(alice, `${agent}field`)]);
  }
  await ledger.node.close();
}

async function* fromNode(head: number): AsyncGenerator<Block> {
  yield* await node.blocks(0, head + 1);
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a source of blocks has to be
async function* fromFile(file: string, from: number, to: number): AsyncGenerator<Block> {
  const blocks = JSON.parse(readFileSync(file, "utf8")) as Block[];
  yield* blocks.slice(from, to + 1);
}

/** As the public API gives them; the next batch comes while this one is worked on. */
async function* atPublicPace(file: string, from: number, to: number): AsyncGenerator<Block> {
  const blocks = JSON.parse(readFileSync(file, "utf8")) as Block[];
  const start = performance.now();
  for (let at = from; at <= to; at += batch) {
    const due = start + ((at + batch - from) / publicBlocksPerSecond) * 1_000;
    await sleep(Math.max(0, due - performance.now()));
    yield* blocks.slice(at, Math.min(at + batch, to + 1));
  }
}

async function drain(blocks: AsyncIterable<Block>): Promise<void> {
  let transactions = 0;
  for await (const block of blocks) transactions += block.transactions.length;
  if (transactions === 0) throw new Error("there are no transactions in the blocks");
}
