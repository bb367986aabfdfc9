import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { readFileSync, writeFileSync } from "node:fs";
import { pino } from "pino";
import { connect } from "../aleo/node/client.ts";
import { startDevnode } from "../local/devnode.ts";
import { freePort } from "../local/ports.ts";
import { pagerDuty } from "../monitor/deliver/pagerduty.ts";
import { Monitor } from "../monitor/monitor.ts";
import { keepMemorySmall } from "../monitor/small-memory.ts";
import { admin } from "../tests/contracts/accounts.ts";
import { callsOf, Chain } from "../tests/contracts/chain.ts";
import { makeBusyBlocks } from "../tests/monitor/support/busy-chain.ts";
import { createBlocks } from "../tests/support/create-blocks.ts";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { compare, describe, median } from "./measure.ts";

/**
 * The monitor beside the bare download of the same blocks; how long an alert takes; a day of a busy
 * network, what stays in memory after it, and what it costs to wait for blocks:
 * `node bench/monitor.ts [blocks] [runs] [blocks of the day]`.
 */
const blocks = Number(process.argv[2] ?? 1_000);
const runs = Number(process.argv[3] ?? 5);
const blocksOfDay = Number(process.argv[4] ?? 29_000);
const transactionsPerBlock = 4;
const idleSeconds = 60;
const scratch = temporaryDirectory("bench-monitor");
const program = "agent_registry_v3.aleo";
const rules = join(import.meta.dirname, "..", "monitor", "rules", "local.yaml");
const devnode = await startDevnode({
  directory: join(scratch.path, "ledger"),
  logFile: join(scratch.path, "devnode.log"),
  port: await freePort(),
  manualBlocks: true,
});

keepMemorySmall();
try {
  for (let made = 0; made < blocks; made += 100) await createBlocks(devnode.url, 100);
  await catchUp();
  await blockToAlert();
  await day();
} finally {
  await devnode.stop();
  scratch.remove();
}

async function open(
  name: string,
  fromBlock: number,
  rulesFile = rules,
  receiver?: string,
): Promise<Monitor> {
  return Monitor.open({
    network: "local",
    endpoints: [devnode.url],
    programs: [program],
    routes: receiver === undefined ? [] : [pagerDuty(receiver, { critical: "key" })],
    log: pino({ level: "silent" }),
    fromBlock,
    settings: {
      intervalMs: 1_000,
      database: join(scratch.path, `${name}.sqlite`),
      rulesFile,
      programsFile: undefined,
      host: "127.0.0.1",
      port: 0,
      retentionMs: 30 * 86_400_000,
      readyLag: 100,
    },
  });
}

async function catchUp(): Promise<void> {
  const node = connect({ network: "local", endpoints: [devnode.url] });
  const head = await node.latestHeight();
  await node.close();
  const monitors: Monitor[] = [];
  for (let run = 0; run <= runs; run += 1) monitors.push(await open(`catch-up-${run}`, 1));
  const comparison = await compare({
    what: `${head} blocks read, kept and judged by a monitor with a new database`,
    referenceName: "the same blocks downloaded, 50 a request, and nothing done with them",
    goal: 1.1,
    runs,
    ours: async (run) => {
      await monitors[run]?.poll();
      const height = monitors[run]?.status().height;
      if (height !== head) throw new Error(`it read ${String(height)} of ${head} blocks`);
    },
    reference: async () => {
      for (let start = 1; start <= head; start += 50) {
        const end = Math.min(start + 50, head + 1);
        const response = await fetch(`${devnode.url}/testnet/blocks?start=${start}&end=${end}`);
        await response.text();
      }
    },
  });
  for (const monitor of monitors) await monitor.close();
  console.log(describe(comparison));
  const rate = head / median(comparison.ours);
  console.log(`  that is    ${rate.toFixed(0)} blocks a second\n`);
}

/** From when a call is in a block to when the receiver has what it means, in a monitor that polls every second. */
async function blockToAlert(): Promise<void> {
  const rulesFile = join(scratch.path, "paused.yaml");
  writeFileSync(
    rulesFile,
    JSON.stringify({
      rules: { paused: { kind: "paused", severity: "critical", resolveAfter: "0s" } },
    }),
  );
  let arrived: () => void = () => undefined;
  const receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(202).end();
    arrived();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const chain = new Chain(() => devnode.url);
  await chain.deploy(admin, program);
  const call = callsOf(program);
  const monitor = await open("alert", blocks, rulesFile, `http://127.0.0.1:${port}`);
  await monitor.poll();
  const running = monitor.run();
  const took: number[] = [];
  try {
    for (let run = 0; run < runs * 2; run += 1) {
      for (const name of ["pause", "unpause"]) {
        // At any moment between two polls.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
        const told = new Promise<void>((resolve) => (arrived = resolve));
        await chain.accepts(call(admin, name));
        const begun = performance.now();
        await told;
        took.push(performance.now() - begun);
      }
    }
  } finally {
    monitor.end();
    await running;
    await monitor.close();
    await chain.node.close();
    receiver.closeAllConnections();
    receiver.close();
  }
  const sorted = took.toSorted((a, b) => a - b);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
  console.log("From a call in a block to the alert at its receiver, polling every 1000 ms");
  console.log(
    `  median ${median(took).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms of ${took.length} (goal at most 1100 ms)\n`,
  );
}

/** A long chain of real transactions again and again, read by the command in a process of its own. */
async function day(): Promise<void> {
  const file = join(scratch.path, "patterns.json");
  writeFileSync(file, JSON.stringify(await busyBlocks()));
  const chain = spawn(
    process.execPath,
    [script("long-chain.ts"), file, String(blocksOfDay), String(Date.now()), "3000"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(chain.stdout, "data")) as [Buffer];
  const port = await freePort();
  const begun = performance.now();
  const monitor = spawn(
    process.execPath,
    [script("../operations/cli.ts"), "monitor", "--network", "local", "--from-block", "1"],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        ALEO_NODE_URL: line.toString().trim(),
        MONITOR_DATABASE: join(scratch.path, "day.sqlite"),
        MONITOR_PORT: String(port),
        MONITORING_INTERVAL: "3",
        // As ContractMonitor sets it.
        MALLOC_ARENA_MAX: "1",
      },
    },
  );
  try {
    while (!(await isReady(port))) await new Promise((resolve) => setTimeout(resolve, 500));
    const took = (performance.now() - begun) / 1_000;
    const after = usageOf(monitor);
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000));
    const later = usageOf(monitor);
    const idle = ((later.cpuSeconds - after.cpuSeconds) / idleSeconds) * 100;
    const transactions = blocksOfDay * transactionsPerBlock;
    console.log(`A day: ${blocksOfDay} blocks with ${transactions} transactions of a program`);
    console.log(
      `  read in    ${took.toFixed(0)} s, ${(blocksOfDay / took).toFixed(0)} blocks a second with the start (goal at most ${Math.round(blocksOfDay / 193)} s)`,
    );
    console.log(`  CPU        ${after.cpuSeconds.toFixed(1)} s`);
    console.log(`  memory     ${later.megabytes} MB resident (goal at most 150)`);
    console.log(
      `  idle       ${idle.toFixed(2)} % of a core at a block every 3 s, over ${idleSeconds} s (goal under 2)`,
    );
  } finally {
    monitor.kill("SIGKILL");
    chain.kill("SIGKILL");
  }
}

/** Blocks with four real transactions each: three accepted calls and a rejected one. */
async function busyBlocks(): Promise<unknown[]> {
  const chain = new Chain(() => devnode.url);
  const from = (await chain.node.latestHeight()) + 1;
  for (let round = 0; round < 6; round += 1) await makeBusyBlocks(chain, devnode.url, round);
  const made = await chain.node.blocks(from, (await chain.node.latestHeight()) + 1);
  await chain.node.close();
  const all = made.flatMap(({ transactions }) => transactions);
  const accepted = all.filter(({ status }) => status === "accepted");
  const rejected = all.filter(({ status }) => status === "rejected");
  const empty = made.find(({ transactions }) => transactions.length === 0);
  return accepted.map((first, index) => {
    const at = (list: typeof all, place: number) => list[(index + place) % list.length];
    const transactions = [first, at(accepted, 1), at(rejected, 0), at(accepted, 2)];
    // As JSON has them: each block and each of its transactions by itself.
    return JSON.parse(JSON.stringify({ ...empty, transactions })) as unknown;
  });
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

/** What Linux counts for a process. */
function usageOf({ pid }: ChildProcess): { megabytes: number; cpuSeconds: number } {
  const of = (name: string) => readFileSync(`/proc/${String(pid)}/${name}`, "utf8");
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(of("status"))?.[1]);
  const fields = of("stat").split(") ")[1]?.split(" ") ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { megabytes: Math.round(kilobytes / 1_000), cpuSeconds: ticks / 100 };
}

function script(name: string): string {
  return join(import.meta.dirname, name);
}
