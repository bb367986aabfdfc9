import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { writeFileSync } from "node:fs";
import { pino } from "pino";
import { connect } from "../aleo/node/client.ts";
import { startDevnode } from "../local/devnode.ts";
import { freePort } from "../local/ports.ts";
import { pagerDuty } from "../monitor/deliver/pagerduty.ts";
import { Monitor } from "../monitor/monitor.ts";
import { admin } from "../tests/contracts/accounts.ts";
import { callsOf, Chain } from "../tests/contracts/chain.ts";
import { createBlocks } from "../tests/support/create-blocks.ts";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { compare, describe, median } from "./measure.ts";

/**
 * The monitor beside the bare download of the same blocks, its memory, and how long an alert takes:
 * `node bench/monitor.ts [blocks] [runs]`.
 */
const blocks = Number(process.argv[2] ?? 1_000);
const runs = Number(process.argv[3] ?? 5);
const scratch = temporaryDirectory("bench-monitor");
const program = "agent_registry_v3.aleo";
const rules = join(import.meta.dirname, "..", "monitor", "rules", "local.yaml");
const devnode = await startDevnode({
  directory: join(scratch.path, "ledger"),
  logFile: join(scratch.path, "devnode.log"),
  port: await freePort(),
  manualBlocks: true,
});

try {
  for (let made = 0; made < blocks; made += 100) await createBlocks(devnode.url, 100);
  await catchUp();
  await blockToAlert();
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
  console.log(`  that is    ${rate.toFixed(0)} blocks a second`);
  console.log(`  memory     ${Math.round(process.memoryUsage.rss() / 1e6)} MB resident\n`);
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
  console.log("From a call in a block to the alert at its receiver, polling every 1000 ms");
  console.log(
    `  median ${median(took).toFixed(0)} ms, most ${Math.max(...took).toFixed(0)} ms of ${took.length} (goal at most 1100 ms)`,
  );
}
