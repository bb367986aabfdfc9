import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { developmentKey } from "../../local/development-account.ts";
import { projectDirectory } from "../../local/paths.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { payingKey } from "./ledger.ts";
import { adder, pausable } from "./program-sources.ts";
import { localConfig } from "./provider-run.ts";
import { declaring } from "./stack-programs.ts";

const id = "secret_test.aleo";
const source = adder("secret_test");
const setting = `new ProgramSetting("paused", { program: "secret_pause.aleo", mapping: "paused", key: "0u8", value: "true", function: "pause", arguments: [] }, { dependsOn: programs.pausable! });`;

/** What gives a key away: it without the prefix that all keys share. */
const secretOf = (key: string) => key.slice("APrivateKey1zkp".length);

/** Every file below a directory; links are not followed. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The arguments of every process that runs now. */
function processList(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
      } catch {
        return [];
      }
    });
}

describe("the private key", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  let project: PulumiProject;

  before(async () => {
    project = await createPulumiProject({
      program: declaring({ [id]: source, pausable: pausable("secret_pause") }, setting),
      config: localConfig(devnode.url),
    });
  });
  after(() => {
    project.dispose();
  });

  const wasmLoads = () => {
    const file = join(project.directory, ".wasm-loads");
    const env = {
      WASM_LOADS: file,
      NODE_OPTIONS: `--import=${new URL("record-wasm.ts", import.meta.url).href}`,
    };
    rmSync(file, { force: true });
    writeFileSync(file, "");
    return { env, count: () => readFileSync(file, "utf8").split("\n").length - 1 };
  };

  /** Where the key is seen while `up` runs: arguments of processes, and files of the project. */
  async function upWatched(
    env: NodeJS.ProcessEnv,
    verbosity: number,
  ): Promise<{ text: string; seen: Set<string> }> {
    const seen = new Set<string>();
    const look = () => {
      for (const line of processList()) {
        if (line.includes(secretOf(payingKey))) seen.add(`process ${line}`);
        if (line.includes("aleo-devnode") && line.includes(secretOf(developmentKey))) {
          seen.add(`process ${line}`);
        }
      }
      const journal = join(project.directory, ".state");
      for (const file of filesIn(project.directory)) {
        if (file.startsWith(journal)) journalSeen = true;
        try {
          if (readFileSync(file, "utf8").includes(secretOf(payingKey))) seen.add(`file ${file}`);
        } catch {
          // Gone meanwhile.
        }
      }
    };
    const watch = setInterval(look, 200);
    const args = ["up", "--yes", "--skip-preview", "--logtostderr", `-v=${verbosity}`];
    const { code, stdout, stderr } = await project.spawn([...args, "--stack", project.stack], {
      env,
    }).result;
    clearInterval(watch);
    look();
    assert.equal(code, 0, stdout);
    return { text: stdout + stderr, seen };
  }
  let journalSeen = false;

  it("is found where it is in a process list", async () => {
    const child = execa(process.execPath, ["-e", "setTimeout(() => {}, 60_000)", payingKey], {
      reject: false,
    });
    try {
      assert.ok(processList().some((line) => line.includes(secretOf(payingKey))));
    } finally {
      child.kill("SIGKILL");
      await child;
    }
  });

  it("is in no file, log or process list where it comes from the environment", async () => {
    const loads = wasmLoads();
    const { text, seen } = await upWatched({ ...loads.env, ALEO_PRIVATE_KEY: payingKey }, 9);
    assert.deepEqual([...seen], []);
    assert.ok(!text.includes(secretOf(payingKey)), "in the log");
    assert.ok(text.length > 100_000, "the log is not verbose");
    assert.ok(journalSeen, "no journal was seen");
    assert.notEqual(loads.count(), 0, "a deployment is built with the wasm");
  });

  // At -v=9 the engine itself logs the decrypted configuration that it gives to a provider.
  it("is in no file, process list or log up to -v=8 where it is a secret of the stack", async () => {
    const set = await project.pulumi([
      ...["config", "set", "--secret", "privateKey", payingKey],
      ...["--stack", project.stack],
    ]);
    assert.equal(set.code, 0, set.stderr);
    project.write(
      declaring(
        { [id]: adder("secret_test", [], "2u64"), pausable: pausable("secret_pause") },
        setting,
      ),
    );
    const { text, seen } = await upWatched({}, 8);
    assert.match(text, /1 updated/);
    assert.deepEqual([...seen], []);
    assert.ok(!text.includes(secretOf(payingKey)), "in the log");
  });

  describe("and the serialized provider", () => {
    it("holds neither key nor configuration, and runs in a bare Node process", async () => {
      const { resources = [] } = (await project.exportState()).deployment;
      const known = resources.find((one) => one.id === `local/${id}`)?.outputs ?? assert.fail();
      const paused =
        resources.find(({ id: other }) => other?.includes("paused"))?.outputs ?? assert.fail();
      const config = Object.fromEntries(
        Object.entries(localConfig(devnode.url)).map(([key, value]) => [`aleo-ops:${key}`, value]),
      );
      const runs = [
        {
          properties: known,
          calls: [
            ["check", [known, { source: known.source }]],
            ["diff", [`local/${id}`, known, known]],
            ["read", [`local/${id}`, known]],
          ],
        },
        { properties: paused, calls: [["read", ["local/paused", paused]]] },
      ];
      const answers: unknown[] = [];
      for (const { properties, calls } of runs) {
        const text = String(properties.__provider);
        assert.ok(text.length < 4_000, `${text.length} characters`);
        assert.doesNotMatch(text, /APrivateKey|127\.0\.0\.1/);
        const { stdout } = await execa(
          process.execPath,
          [
            fileURLToPath(new URL("serialized-host.ts", import.meta.url)),
            JSON.stringify({ text, config, calls }),
          ],
          { cwd: project.directory },
        );
        answers.push(...(JSON.parse(stdout) as unknown[]));
      }
      const [checked, different, read, readSetting] = answers as [
        { inputs: { edition: number }; failures?: unknown },
        { changes: boolean },
        { props: { edition: number; transaction: string } },
        { props: { value: string } },
      ];
      assert.equal(checked.failures, undefined);
      assert.equal(checked.inputs.edition, 1);
      assert.deepEqual(different, { changes: false });
      assert.equal(read.props.edition, 1);
      assert.equal(read.props.transaction, known.transaction);
      assert.equal(readSetting.props.value, "true");
    });

    it("stays the same when an implementation file changes: no resource differs", async () => {
      const copy = join(project.directory, "dynamic-providers");
      const ran = join(project.directory, ".changed-code-ran");
      rmSync(copy);
      cpSync(join(projectDirectory, "dynamic-providers"), copy, { recursive: true });
      const file = join(copy, "implementation", "program.ts");
      writeFileSync(
        file,
        `import { writeFileSync as note } from "node:fs";\nnote(${JSON.stringify(ran)}, "");\n${readFileSync(file, "utf8")}`,
      );
      const args = ["preview", "--expect-no-changes", "--stack", project.stack];
      const { code, stdout, stderr } = await project.pulumi(args);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(readFileSync(ran, "utf8"), "");
    });
  });

  it("is not needed, nor is the SDK's wasm loaded, by what builds no transaction", async () => {
    for (const args of [
      ["preview", "--expect-no-changes"],
      ["refresh", "--preview-only", "--expect-no-changes"],
      ["destroy", "--preview-only"],
    ]) {
      const loads = wasmLoads();
      const { code, stdout, stderr } = await project.pulumi([...args, "--stack", project.stack], {
        env: loads.env,
      });
      assert.equal(code, 0, stdout + stderr);
      assert.equal(loads.count(), 0, `${args.join(" ")} loaded the wasm`);
    }
  });
});
