import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { awsEnvironment, localRegion, startAws } from "../local/aws/aws.ts";
import { startDevnode } from "../local/devnode.ts";
import { freePort } from "../local/ports.ts";
import { Store } from "../monitor/store/store.ts";
import { programAddress } from "../aleo/transaction/program-address.ts";
import { admin } from "../tests/contracts/accounts.ts";
import { Chain } from "../tests/contracts/chain.ts";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { median, seconds } from "./measure.ts";
import { storeDays } from "./stored-days.ts";

/**
 * How long the commands take that people look with, each in a process of its own beside a bare
 * node that does the least of the same: `node bench/operations.ts [runs] [days in the store]`.
 */
const runs = Number(process.argv[2] ?? 7);
const days = Number(process.argv[3] ?? 14);
const blocksPerDay = 29_000;
const project = join(import.meta.dirname, "..");
const busy = "agent_registry_v3.aleo";
const programs = [
  "agent_registry_v2.aleo",
  "trust_verifier_v2.aleo",
  busy,
  "trust_verifier_v3.aleo",
];
const scratch = temporaryDirectory("bench-operations");
const database = join(scratch.path, "monitor.sqlite");
const devnode = await startDevnode({
  directory: join(scratch.path, "ledger"),
  logFile: join(scratch.path, "devnode.log"),
  port: await freePort(),
  manualBlocks: true,
});
const aws = await startAws({
  directory: join(scratch.path, "aws"),
  logFile: join(scratch.path, "aws.log"),
  port: await freePort(),
});
const environment = {
  ...process.env,
  ...awsEnvironment(aws.url),
  ALEO_NETWORK: "local",
  ALEO_NODE_URL: devnode.url,
  ALEO_PRIVATE_KEY: undefined,
  BACKUP_STORE: undefined,
  MONITOR_DATABASE: database,
  MONITOR_URL: undefined,
  XDG_CACHE_HOME: join(scratch.path, "cache"),
};

interface Times {
  /** Seconds, one a run. */
  readonly wall: number[];
  readonly cpu: number[];
}

/** A command line of node's. */
interface Command {
  readonly args: readonly string[];
  readonly expects?: RegExp;
}

try {
  await fillNetwork();
  const stored = await fillDatabase();
  console.log(
    `aleo-ops with ${stored.blocks} blocks and ${stored.transactions} transactions in the monitor's database, ${days} days`,
  );
  await measure({
    args: ["--help"],
    expects: /Report and check/,
    goal: "0.15 s more than the reference",
    referenceName: "node that does nothing",
    reference: ["-e", ""],
  });
  await measureAsking({ args: ["health"], expects: /trust_verifier_v3/, goal: "under 2 s" });
  await measure({
    args: ["activity", busy, "--last", "24h"],
    expects: /function_11 +[1-9]/,
    goal: "under 1 s",
    referenceName: "the same rows read by node's SQLite",
    reference: ["-e", readRows("WHERE program = ? AND time > ?"), database, busy, hoursAgo(24)],
  });
  await measureAsking({ args: ["report", "daily"], expects: /WITHDRAWALS/, goal: "under 5 s" });
  await measure({
    args: ["report", "weekly"],
    expects: /the week before/,
    goal: "under 5 s",
    referenceName: "the rows of two weeks read by node's SQLite",
    reference: ["-e", readRows("WHERE time > ?"), database, hoursAgo(14 * 24)],
  });
  await measureAsking({
    args: ["audit", "--full"],
    expects: /DRILLS/,
    goal: "under 5 s, up to 4 s of them for npm to ask its registry",
  });
} finally {
  await aws.stop();
  await devnode.stop();
  scratch.remove();
}

/** The programs of the stack on the devnode, and a backup of each. */
async function fillNetwork(): Promise<void> {
  const chain = new Chain(() => devnode.url);
  for (const program of programs) await chain.deploy(admin, program);
  await chain.node.close();
  const client = new S3Client({
    endpoint: aws.url,
    region: localRegion,
    forcePathStyle: true,
    credentials: { accessKeyId: "local", secretAccessKey: "opens-nothing" },
  });
  await client.send(
    new CreateBucketCommand({
      Bucket: "aleo-contract-backups-local",
      CreateBucketConfiguration: { LocationConstraint: localRegion },
    }),
  );
  client.destroy();
  await run({ args: ours(["backup", "--all"]) });
}

async function fillDatabase() {
  const store = Store.open(database, "local");
  for (const program of programs) {
    store.probes.setFact(`address:${program}`, await programAddress("local", program));
  }
  const stored = storeDays(store, { days, blocksPerDay, programs: [busy] });
  store.close();
  return stored;
}

interface Measurement extends Command {
  readonly goal: string;
}

/** A command that asks the node, beside its requests all at once. */
async function measureAsking(measurement: Measurement): Promise<void> {
  const paths = await requestsOf(measurement);
  const ask = `Promise.all(process.argv.slice(1).map(async (url) => (await fetch(url)).text()))`;
  await measure({
    ...measurement,
    referenceName: `its ${paths.length} requests to the node, at once, by node's fetch`,
    reference: ["-e", ask, ...paths.map((path) => devnode.url + path)],
  });
}

/** Runs both in turn; the first pair only warms up. */
async function measure(
  measurement: Measurement & {
    readonly reference: readonly string[];
    readonly referenceName: string;
  },
): Promise<void> {
  const { args, expects, goal, reference, referenceName } = measurement;
  const own: Times = { wall: [], cpu: [] };
  const bare: Times = { wall: [], cpu: [] };
  for (let round = 0; round <= runs; round += 1) {
    for (const [times, command] of [
      [own, { args: ours(args), ...(expects === undefined ? {} : { expects }) }],
      [bare, { args: reference }],
    ] as const) {
      const before = cpuOfChildren();
      const wall = await seconds(() => run(command));
      if (round === 0) continue;
      times.wall.push(wall);
      times.cpu.push(cpuOfChildren() - before);
    }
  }
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  console.log(`\n${args.join(" ")} (${runs} runs, load ${load})`);
  console.log(`  ours       ${described(own)} (goal ${goal})`);
  console.log(`  reference  ${described(bare)}: ${referenceName}`);
}

function described({ wall, cpu }: Times): string {
  const [least, most] = [Math.min(...wall), Math.max(...wall)];
  return `${median(wall).toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)}), ${median(cpu).toFixed(2)} s of CPU`;
}

function ours(args: readonly string[]): string[] {
  return [join(project, "operations", "cli.ts"), ...args];
}

/** @throws where it fails: a report that finds something bad, exit code 3, does not */
async function run(
  { args, expects = /^/ }: Command,
  env: NodeJS.ProcessEnv = environment,
): Promise<void> {
  const options = { cwd: project, env, reject: false } as const;
  const { exitCode = -1, stdout, stderr } = await execa(process.execPath, [...args], options);
  if ((exitCode === 0 || exitCode === 3) && expects.test(stdout)) return;
  throw new Error(`${args.join(" ")} ended with ${exitCode}: ${stdout}${stderr}`);
}

/** The paths that a command asks the node for, noted on their way. */
async function requestsOf({ args }: Command): Promise<string[]> {
  const paths: string[] = [];
  const between = createServer((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    void fetch(devnode.url + path).then(async (answer) => {
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const { port } = between.address() as AddressInfo;
  await run({ args: ours(args) }, { ...environment, ALEO_NODE_URL: `http://127.0.0.1:${port}` });
  between.closeAllConnections();
  between.close();
  return paths;
}

/** A script that reads transactions of the database in its first argument, with the others as values. */
function readRows(where: string): string {
  return `const [file, ...values] = process.argv.slice(1);
    new (require("node:sqlite").DatabaseSync)(file)
      .prepare("SELECT * FROM transactions ${where}").all(...values);`;
}

function hoursAgo(hours: number): string {
  return String(Date.now() - hours * 3_600_000);
}

/** Seconds of CPU of all processes that this one has started and seen end, as Linux counts them. */
function cpuOfChildren(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
