import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { clusterFiles, parts } from "../local/kubernetes/files.ts";
import { localState } from "../local/paths.ts";
import { readRecord } from "../local/processes.ts";
import { localBackendEnvironment, pulumiEnvironment } from "../local/pulumi-environment.ts";
import { ensurePulumi } from "../local/tools/pulumi.ts";
import { createProjectDirectory } from "../tests/support/project-directory.ts";
import { createPulumiProject } from "../tests/support/pulumi-project.ts";
import { createWholeProject, type WholeProject } from "../tests/whole-network/project.ts";
import { compare, describe, seconds } from "./measure.ts";

/** As many resources as stack local has, of one kind and without anything around them. */
const minimalProgram = (resources: number) => `
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
for (let each = 0; each < ${resources}; each += 1) {
  new ConfigMap("one-" + each, {
    metadata: { name: "one-" + each, namespace: "default" },
    data: { each: String(each) },
  });
}
`;

const runs = Number(process.argv[2] ?? 5);
const project = await createWholeProject();
try {
  const up = async () => {
    await project.must(["up", "--json"]);
  };
  console.log(`The whole network local, from nothing: ${(await seconds(up)).toFixed(1)} s`);
  console.log(`\`up\` again, nothing to do: ${(await seconds(up)).toFixed(1)} s`);
  await project.must(["down"]);
  console.log(`\`up\` after \`down\`: ${(await seconds(up)).toFixed(1)} s\n`);
  memory(project);
  await noOpPreview(project);
} finally {
  await project.dispose();
}

function memory({ directory }: WholeProject): void {
  const state = localState(directory);
  const cluster = clusterFiles(state.kubernetes);
  const records: [name: string, record: string][] = [
    ["devnode", state.devnodeRecord],
    ["moto", state.aws.record],
    ["PagerDuty stand-in", state.pagerDuty.record],
    ...parts.map((part): [string, string] => [part, cluster.record(part)]),
  ];
  console.log("Resident memory of each process");
  for (const [name, record] of records) {
    const pid = readRecord(record)?.pid;
    if (pid === undefined) continue;
    const kilobytes = Number(
      execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }),
    );
    console.log(`  ${String(Math.round(kilobytes / 1024)).padStart(5)} MB  ${name}`);
  }
  console.log("");
}

async function noOpPreview(whole: WholeProject): Promise<void> {
  const state = localState(whole.directory);
  const pulumi = await ensurePulumi(() => undefined);
  const env = {
    ...pulumiEnvironment(pulumi),
    ...(await localBackendEnvironment(state)),
    ...whole.environment(),
  };
  const run = (...args: string[]) =>
    execa(pulumi.binary, [...args, "--stack", "local", "--non-interactive"], {
      cwd: whole.directory,
      env,
      extendEnv: false,
    });
  const { stdout: text } = await run("stack", "export", "--show-secrets");
  const { deployment } = JSON.parse(text) as { deployment: { resources: unknown[] } };
  const count = deployment.resources.length;
  const ours = async () => {
    await run("preview", "--expect-no-changes");
  };
  const what = `\`pulumi preview\` of the whole stack local (${count} resources) with nothing to do`;

  const same = createProjectDirectory("same-resources", "");
  try {
    copyFileSync(join(import.meta.dirname, "same-resources.ts"), join(same.path, "index.ts"));
    for (const file of ["Pulumi.yaml", "Pulumi.local.yaml"]) {
      copyFileSync(join(whole.directory, file), join(same.path, file));
    }
    const file = join(same.path, "resources.json");
    writeFileSync(file, JSON.stringify(deployment.resources), { mode: 0o600 });
    const comparison = await compare({
      what,
      referenceName: "a program that registers the same resources, read from a file",
      goal: 1.3,
      runs,
      ours,
      reference: async () => {
        await run("preview", "--expect-no-changes", "--cwd", same.path);
      },
    });
    console.log(`${describe(comparison)}\n`);
  } finally {
    same.remove();
  }

  const minimal = await createPulumiProject({
    program: minimalProgram(count),
    env: { ...whole.environment(), PULUMI_HOME: state.pulumiHome },
  });
  try {
    const { code, stdout, stderr } = await minimal.up();
    if (code !== 0) throw new Error(stdout + stderr);
    const comparison = await compare({
      what,
      referenceName: `a program with ${count} ConfigMaps, so of one provider instead of four`,
      runs,
      ours,
      reference: async () => {
        const preview = await minimal.pulumi(["preview", "--stack", minimal.stack]);
        if (preview.code !== 0) throw new Error(preview.stdout + preview.stderr);
      },
    });
    console.log(describe(comparison));
  } finally {
    minimal.dispose();
  }
}
