import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { developmentKey } from "../local/development-account.ts";
import { startDevnode } from "../local/devnode.ts";
import { freePort } from "../local/ports.ts";
import { createPulumiProject, type PulumiProject } from "../tests/support/pulumi-project.ts";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { compare, describe, median, seconds } from "./measure.ts";

/** Two dynamic resources that do nothing: what any use of the CLI with a dynamic provider costs. */
const minimalProgram = `
import * as pulumi from "@pulumi/pulumi";
const provider = { create: async () => ({ id: "one", outs: {} }) };
class Nothing extends pulumi.dynamic.Resource {}
new Nothing(provider, "first", {});
new Nothing(provider, "second", {});
`;

const localStack = readFileSync(join(import.meta.dirname, "..", "index.ts"), "utf8");

const runs = Number(process.argv[2] ?? 5);
const scratch = temporaryDirectory("bench");
const devnode = await startDevnode({
  directory: join(scratch.path, "ledger"),
  logFile: join(scratch.path, "devnode.log"),
  port: await freePort(),
});
const environment = { ...process.env, ALEO_PRIVATE_KEY: developmentKey };

try {
  await firstTransaction();
  await deployment();
  await noOpPreview();
} finally {
  await devnode.stop();
  scratch.remove();
}

async function firstTransaction(): Promise<void> {
  const { stdout } = await execa(process.execPath, [script("first-transaction.ts"), devnode.url], {
    env: environment,
  });
  const { milliseconds, megabytes } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as {
    milliseconds: Record<string, number>;
    megabytes: number;
  };
  console.log("Where a process's first transaction goes");
  for (const [part, spent] of Object.entries(milliseconds)) {
    console.log(`  ${(spent / 1_000).toFixed(2).padStart(6)} s  ${part}`);
  }
  console.log(`  ${megabytes} MB resident\n`);
}

async function deployment(): Promise<void> {
  const deploy = (with_: string, id: string) => async () => {
    await execa(process.execPath, [script(`deploy-with-${with_}.ts`), id, devnode.url], {
      cwd: scratch.path,
      env: { ...environment, XDG_CACHE_HOME: join(scratch.path, "cache") },
    });
  };
  const comparison = await compare({
    what: "A program deployed in a new process, checked and priced first",
    referenceName: "the SDK alone: build, send, wait",
    goal: 1.15,
    runs,
    ours: (run) => deploy("provider", `bench_ours_${run}.aleo`)(),
    reference: (run) => deploy("sdk", `bench_bare_${run}.aleo`)(),
  });
  console.log(`${describe(comparison)}\n`);
}

async function noOpPreview(): Promise<void> {
  const config = {
    network: "local",
    endpoints: JSON.stringify([devnode.url]),
    maxFee: "100000000",
    programs: JSON.stringify(
      ["agent_registry_v2", "trust_verifier_v2", "agent_registry_v3", "trust_verifier_v3"].map(
        (name) => ({ program: `${name}.aleo` }),
      ),
    ),
  };
  const ours = await project(localStack, config);
  const minimal = await project(minimalProgram, {});
  try {
    const first = await seconds(() => mustUp(ours));
    await mustUp(minimal);
    console.log(`First \`up\` of stack local on a running devnode: ${first.toFixed(1)} s`);
    const again: number[] = [];
    for (let run = 0; run < runs; run += 1) again.push(await seconds(() => mustUp(ours)));
    console.log(`\`up\` again, nothing to do: ${median(again).toFixed(1)} s\n`);
    const comparison = await compare({
      what: "`pulumi preview` of stack local with nothing to do",
      referenceName: "a program with two resources that do nothing",
      goal: 1.3,
      runs,
      ours: () => preview(ours),
      reference: () => preview(minimal),
    });
    console.log(describe(comparison));
  } finally {
    ours.dispose();
    minimal.dispose();
  }
}

function project(program: string, config: Record<string, string>): Promise<PulumiProject> {
  return createPulumiProject({ program, config, env: environment });
}

async function mustUp(stack: PulumiProject): Promise<void> {
  const { code, stdout, stderr } = await stack.up();
  if (code !== 0) throw new Error(stdout + stderr);
}

async function preview(stack: PulumiProject): Promise<void> {
  const { code, stdout, stderr } = await stack.pulumi(["preview", "--stack", stack.stack]);
  if (code !== 0) throw new Error(stdout + stderr);
}

function script(name: string): string {
  return join(import.meta.dirname, name);
}
