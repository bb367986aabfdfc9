/**
 * Snapshots, backups and restores: `node bench/state.ts [restore|listing|backup|disaster] [size]`,
 * all of them without a name. The size is in entries.
 */
import { execFileSync } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { PutObjectCommand, CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { writeBackup } from "../aleo/backup/write-backup.ts";
import { PrivateKey } from "../aleo/keys.ts";
import { parseProgram } from "../aleo/program/parse.ts";
import { type Entry, entryCount } from "../aleo/snapshot/snapshot.ts";
import { snapshotByListing } from "../aleo/snapshot/listing.ts";
import { waitForOutcome } from "../aleo/transaction/outcome.ts";
import { loadSdk, useDevnodeConsensusHeights } from "../aleo/transaction/sdk.ts";
import { devnodeKey } from "../aleo/transaction/devnode.ts";
import { componentsOf } from "../aleo/program/program.ts";
import { compiledProgram } from "../contracts/compiled-program.ts";
import { awsEnvironment, localRegion, startAws } from "../local/aws/aws.ts";
import { freePort } from "../local/ports.ts";
import { openStore } from "../operations/backup/store/open-store.ts";
import { connectToWork } from "../operations/connect.ts";
import { drillDisaster, drillText } from "../operations/drill/disaster.ts";
import { startScratchChain, type ScratchChain } from "../operations/drill/scratch-chain.ts";
import { pausePrograms } from "../operations/pause/pause.ts";
import { restore } from "../operations/restore/run.ts";
import { settingsFromFile } from "../operations/stack-file.ts";
import { sampleRegistry } from "../tests/operations/sample-registry.ts";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { compare, describe, median, seconds } from "./measure.ts";

const registry = "agent_registry_v3.aleo";
/** An agent is an entry in each of three mappings. */
const entriesPerAgent = 3;
const settings = settingsFromFile("local", join(import.meta.dirname, ".."), {});
const quiet = () => undefined;
const mappings = [...componentsOf(parseProgram(compiledProgram(registry)), "mapping").keys()];
const listings = mappings.map(
  (name) => `program/${registry}/mapping/${name}?all=true&metadata=true`,
);

if (!isMainThread) serveListing(workerData as Parameters<typeof serveListing>[0]);
else if (process.argv[2] === "backup-process") await backUpEntries(Number(process.argv[3]));
else await measure(process.argv[2], Number(process.argv[3]));

async function measure(only: string | undefined, size: number): Promise<void> {
  const of = (usual: number) => (Number.isNaN(size) ? usual : size);
  const wants = (name: string) => only === undefined || only === name;
  if (wants("restore")) await measureRestore(of(10_000));
  if (wants("listing")) await measureListing(of(100_000));
  if (wants("backup")) await measureBackup(of(1_000_000));
  if (wants("disaster")) await measureDisaster(of(1_000));
}

async function onRegistry(work: (chain: ScratchChain) => Promise<void>): Promise<void> {
  const chain = await startScratchChain(settings, process.env);
  try {
    await chain.deploy(registry, compiledProgram(registry));
    await pausePrograms(chain.account, [registry], true);
    await work(chain);
  } finally {
    await chain.stop();
  }
}

/** A backup of v2 into v3, beside an agent a call by the SDK on the same devnode. */
async function measureRestore(entries: number): Promise<void> {
  const agents = Math.round(entries / entriesPerAgent);
  const state = sampleRegistry({ agents });
  const count = entryCount(state);
  await onRegistry(async (chain) => {
    const perCall = await oneByOne(chain, 10);
    let transactions = 0;
    const took = await seconds(async () => {
      const report = await restore(chain.account, "a bench", state, registry, quiet);
      if (report.problem !== undefined || report.differences?.length !== 0) {
        throw new Error(`the restore is wrong: ${JSON.stringify(report)}`);
      }
      transactions = report.sent;
    });
    const [ours, bare] = [took / count, perCall / entriesPerAgent];
    console.log(`${count} entries of a backup of agent_registry_v2 restored into ${registry}`);
    console.log(
      `  ours       ${took.toFixed(1)} s, ${transactions} transactions, ${(transactions / took).toFixed(2)} a second, ${(1_000 * ours).toFixed(1)} ms an entry, each compared at the end`,
    );
    console.log(
      `  reference  ${(1 / perCall).toFixed(2)} transactions a second, ${(1_000 * bare).toFixed(0)} ms an entry: an agent a call by the SDK, each waited for`,
    );
    console.log(
      `  ratio      ${(bare / ours).toFixed(1)} times as many entries a second (goal at least 5)\n`,
    );
    await compareListing(
      `${count} entries by listing, from the devnode`,
      chain,
      agents * entriesPerAgent,
    );
  });
}

async function compareListing(
  what: string,
  { node, url }: Pick<ScratchChain, "node" | "url">,
  least: number,
  goal: { readonly goal?: number } = { goal: 1 / 0.8 },
): Promise<void> {
  let found = 0;
  const comparison = await compare({
    what,
    referenceName: "the same answers by bare HTTP, nothing done with them",
    ...goal,
    runs: 3,
    ours: async () => {
      found = entryCount(await snapshotByListing(node, registry));
    },
    reference: async () => {
      await Promise.all(
        listings.map(async (path) => (await fetch(`${url}/testnet/${path}`)).text()),
      );
    },
  });
  if (found < least) throw new Error(`only ${found} entries were found`);
  console.log(`${describe(comparison)}\n`);
}

/** @returns seconds a call; the first, with the SDK's start, does not count */
async function oneByOne({ node, url }: ScratchChain, calls: number): Promise<number> {
  const sdk = await loadSdk("testnet");
  useDevnodeConsensusHeights(sdk);
  const key = sdk.PrivateKey.from_string(new PrivateKey(devnodeKey, "devnode.ts").reveal());
  const address = key.to_address().to_string();
  const list = (text: string) => `[${Array<string>(8).fill(text).join(", ")}]`;
  let begun = 0;
  for (let call = 0; call <= calls; call += 1) {
    if (call === 1) begun = performance.now();
    const transaction = await sdk.ProgramManagerBase.buildDevnodeExecutionTransaction(
      key,
      compiledProgram(registry),
      "import_agents",
      [
        "1u8",
        list("1field"),
        list(
          `{ controller: ${address}, registered_at: ${call}u32, active: true, verified: false }`,
        ),
        list("1000000u64"),
        list("{ data: 1field, updated_at: 1u32 }"),
      ],
      0,
      undefined,
      url,
      undefined,
      0,
    );
    await node.broadcast(transaction.toString());
    const { status } = await waitForOutcome(node, transaction.id(), 30_000);
    if (status !== "accepted") throw new Error(`the call was ${status}`);
  }
  return (performance.now() - begun) / 1_000 / calls;
}

type Answers = Readonly<Record<string, string>>;

/**
 * A devnode's answers of a small registry, with more entries of the same kind, given by a stand-in:
 * filling a ledger with so many would take an hour.
 */
async function measureListing(entries: number): Promise<void> {
  const agents = Math.round(entries / entriesPerAgent);
  const { answers, bytesPerMs } = await recorded(agents);
  for (const [pace, name, goal] of [
    [
      bytesPerMs,
      `as fast as the devnode gives its own (${(bytesPerMs / 1_000).toFixed(1)} MB/s)`,
      { goal: 1 / 0.8 },
    ],
    // No node is so fast: this is what the snapshot itself takes.
    [Infinity, "as fast as it can", {}],
  ] as const) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { answers, pace } });
    const port = await new Promise<number>((resolve) => worker.once("message", resolve));
    const url = `http://127.0.0.1:${port}`;
    const node = connectToWork({ network: "local", endpoints: [url] });
    const count = agents * entriesPerAgent;
    try {
      await compareListing(
        `${count} entries by listing, from a stand-in that gives a devnode's recorded answers ${name}`,
        { node, url },
        count,
        goal,
      );
    } finally {
      await node.close();
      await worker.terminate();
    }
  }
}

async function recorded(agents: number): Promise<{ answers: Answers; bytesPerMs: number }> {
  const answers: Record<string, string> = {};
  let bytesPerMs = 0;
  await onRegistry(async ({ account, url }) => {
    const sample = 400;
    await restore(account, "a bench", sampleRegistry({ agents: sample }), registry, quiet);
    const ask = async (path: string) => (await fetch(`${url}/testnet/${path}`)).text();
    const largest = listings.find((path) => path.includes("/agents?")) ?? "";
    const bytes = (await ask(largest)).length;
    const took: number[] = [];
    for (let run = 0; run < 9; run += 1) {
      took.push(
        await seconds(async () => {
          await ask(largest);
        }),
      );
    }
    bytesPerMs = bytes / (median(took) * 1_000);
    for (const path of [
      ...["block/height/latest", "block/latest", "stateRoot/latest", "consensus_version"],
      ...[`program/${registry}?metadata=true`, `program/${registry}/mappings`],
      ...listings,
    ]) {
      const text = await ask(path);
      answers[path] = path.includes("?all") ? multiplied(text, Math.ceil(agents / sample)) : text;
    }
  });
  return { answers, bytesPerMs };
}

/** Each entry of an agent again under other ids. */
function multiplied(text: string, times: number): string {
  const { data, height } = JSON.parse(text) as { data: [string, string][]; height: number };
  const many = data.flatMap(([key, value]) =>
    key.endsWith("field")
      ? Array.from({ length: times }, (_, time) => [`${time + 1}000${key}`, value])
      : [[key, value]],
  );
  return JSON.stringify({ data: many, height });
}

/** @param pace in bytes a millisecond, of each answer by itself */
function serveListing({ answers, pace }: { answers: Answers; pace: number }): void {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^.*?\/testnet\//, "");
    const text = answers[path];
    response.writeHead(text === undefined ? 404 : 200, { "content-type": "application/json" });
    setTimeout(
      () => {
        response.end(text ?? JSON.stringify(`${path} does not exist`));
      },
      (text ?? "").length / pace,
    );
  });
  server.listen(0, "127.0.0.1", () => {
    void import("node:worker_threads").then(({ parentPort }) => {
      parentPort?.postMessage((server.address() as AddressInfo).port);
    });
  });
}

/** Made-up agents in ascending order of their keys; the addresses can't be compressed to nothing. */
function* madeUpEntries(count: number): Generator<Entry> {
  const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  let seed = 88_172_645;
  const random = () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed >>> 0;
  };
  const pieces = Array.from({ length: 4_096 }, () =>
    Array.from({ length: 6 }, () => letters.charAt(random() % 32)).join(""),
  );
  const piece = () => pieces[random() % 4_096] ?? "";
  for (let index = 0; index < count; index += 1) {
    const address = `aleo1${Array.from({ length: 9 }, piece).join("")}${letters.slice(0, 4)}`;
    yield [
      `${10_000_000 + index}field`,
      `{\n  controller: ${address},\n  registered_at: ${random() % 9_000_000}u32,\n  active: true,\n  verified: ${String(index % 3 === 0)}\n}`,
    ];
  }
}

/** In a process of its own, so that its memory is that of a backup alone. */
async function backUpEntries(count: number): Promise<void> {
  const store = await openStore(undefined, { network: "local", backups: undefined }, process.env);
  const { mappings, ...content } = sampleRegistry({ agents: 0 });
  const took = await seconds(async () => {
    const agents = { name: "agents", entries: madeUpEntries(count) };
    const others = mappings.filter(({ name }) => name !== "agents");
    await writeBackup(store, { ...content, mappings: [agents, ...others] });
  });
  store.close();
  console.log(
    JSON.stringify({ took, megabytes: Math.round(process.resourceUsage().maxRSS / 1_024) }),
  );
}

async function measureBackup(count: number): Promise<void> {
  const scratch = temporaryDirectory("bench-state");
  const aws = await startAws({
    directory: join(scratch.path, "aws"),
    logFile: join(scratch.path, "aws.log"),
    port: await freePort(),
  });
  try {
    const raw = join(scratch.path, "entries.ndjson");
    const lines = madeUpEntries(count).map(([key, value]) => `${JSON.stringify({ key, value })}\n`);
    await pipeline(Readable.from(lines), createWriteStream(raw));
    const megabytes = statSync(raw).size / 1e6;
    const rate = (took: number) => `${took.toFixed(1)} s, ${(megabytes / took).toFixed(0)} MB/s`;
    const environment = { ...process.env, ...awsEnvironment(aws.url) };
    const client = new S3Client({
      endpoint: aws.url,
      region: localRegion,
      forcePathStyle: true,
      credentials: { accessKeyId: "local", secretAccessKey: "opens-nothing" },
    });
    const Bucket = "bench";
    await client.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: localRegion },
      }),
    );
    const folder = join(scratch.path, "backups");
    console.log(`A backup of ${count} entries, ${megabytes.toFixed(0)} MB without compression`);
    for (const [where, store] of [
      ["into a folder", folder],
      ["into S3 (moto)", `s3://${Bucket}`],
    ] as const) {
      const { stdout } = await execa(
        process.execPath,
        [import.meta.filename, "backup-process", String(count)],
        { env: { ...environment, BACKUP_STORE: store } },
      );
      const report = JSON.parse(stdout) as { took: number; megabytes: number };
      console.log(
        `  ours       ${rate(report.took)}, ${report.megabytes} MB resident (goal under 512 MB): ${where}, made, compressed and hashed`,
      );
    }
    const zstd = await seconds(() => {
      execFileSync("zstd", ["-q", "-f", "-T1", "-3", raw, "-o", `${raw}.zst`]);
      return Promise.resolve();
    });
    console.log(`  reference  ${rate(zstd)}: zstd of the same bytes in a file`);
    const parts = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".zst"))
      .map((name) => readFileSync(join(folder, name)));
    const upload = await seconds(async () => {
      for (const [index, Body] of parts.entries()) {
        await client.send(new PutObjectCommand({ Bucket, Key: `plain/${index}`, Body }));
      }
    });
    client.destroy();
    console.log(
      `  reference  ${rate(upload)}: the compressed parts put into S3 (moto) by the AWS SDK\n`,
    );
  } finally {
    await aws.stop();
    scratch.remove();
  }
}

async function measureDisaster(entries: number): Promise<void> {
  const agents = Math.round(entries / entriesPerAgent);
  const options = { registry: compiledProgram(registry), agents, environment: process.env };
  const took = await seconds(async () => {
    const report = await drillDisaster(settings, options, quiet);
    console.log(`The disaster drill with ${entries} entries\n${drillText(report)}`);
  });
  console.log(`  with its set-up ${took.toFixed(0)} s`);
}
