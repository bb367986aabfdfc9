import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { projectDirectory } from "../../local/paths.ts";
import { ensureActionlint } from "../../local/tools/actionlint.ts";

const folder = join(projectDirectory, ".github");
const workflows = readdirSync(join(folder, "workflows")).map((name) => join("workflows", name));
const files = [...workflows, join("actions", "stack", "action.yml")];
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");

interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly {
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}
const workflowOf = (file: string) => parse(textOf(file)) as Workflow;

describe("the workflows", function () {
  this.timeout(120_000);

  it("pass actionlint", async () => {
    const actionlint = await ensureActionlint(() => undefined);
    const { exitCode, stdout } = await execa(
      actionlint,
      ["-no-color", ...workflows.map((file) => join(folder, file))],
      { reject: false, cwd: projectDirectory },
    );
    assert.equal(exitCode, 0, stdout);
  });

  for (const file of files) {
    it(`use only actions pinned by commit, with their version: ${file}`, () => {
      const uses = textOf(file).match(/uses: .*/g) ?? [];
      for (const line of uses) {
        assert.match(line, /uses: (\.\/\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
      }
    });
  }

  it("pin an action to the same commit everywhere", () => {
    const pins = new Map<string, string>();
    for (const file of files) {
      for (const [, action = "", commit = ""] of textOf(file).matchAll(/uses: ([\w/-]+)@(\S+)/g)) {
        assert.equal(commit, pins.get(action) ?? commit, `${action} in ${file}`);
        pins.set(action, commit);
      }
    }
  });

  for (const file of workflows) {
    it(`may read the contents, and a job more where it says so: ${file}`, () => {
      const { permissions, jobs } = workflowOf(file);
      assert.deepEqual(permissions, { contents: "read" });
      const wanted = Object.values(jobs).flatMap((job) => Object.entries(job.permissions ?? {}));
      const writable = ["id-token", "pull-requests", "issues", "packages"];
      for (const [scope, access] of wanted) {
        assert.ok(access === "read" || writable.includes(scope), `${scope}: ${access}`);
      }
    });

    it(`leaves no credentials of git behind: ${file}`, () => {
      for (const { steps = [] } of Object.values(workflowOf(file).jobs)) {
        for (const step of steps.filter((one) =>
          JSON.stringify(one).includes("actions/checkout@"),
        )) {
          assert.equal(step.with?.["persist-credentials"], false);
        }
      }
    });

    it(`puts nothing that a stranger may choose into a script: ${file}`, () => {
      for (const { steps = [] } of Object.values(workflowOf(file).jobs)) {
        for (const { run = "" } of steps) assert.doesNotMatch(run, /\$\{\{/);
      }
    });

    it(`gives a fork's pull request no secret: ${file}`, () => {
      const { on, jobs } = workflowOf(file);
      assert.equal("pull_request_target" in on, false);
      if (!("pull_request" in on)) return;
      for (const [name, job] of Object.entries(jobs)) {
        const isTrusted =
          job.if === "github.event_name == 'push'" ||
          job.if?.includes("head.repo.full_name == github.repository") === true;
        const needsTrust = /secrets\.|id-token|vars\.|: write/.test(
          JSON.stringify(job).replaceAll('":"', ": "),
        );
        assert.ok(isTrusted || !needsTrust, name);
      }
    });
  }

  it("bring mainnet up only after GitHub was asked whether it asks for approval", () => {
    const { jobs } = workflowOf(join("workflows", "up-stack.yml"));
    const runs = Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run = "" }) => run));
    const approval = runs.findIndex((run) => run.includes("cli.ts approval"));
    assert.ok(approval >= 0 && approval < runs.findIndex((run) => run.includes("cli.ts up")));
  });

  it("keep the environments of code that nobody has read from all others", () => {
    const environmentsOf = (name: string) =>
      [...textOf(join("workflows", name)).matchAll(/environment: .*\}\}(.*)/g)].map(
        ([, end]) => end,
      );
    assert.deepEqual(environmentsOf("preview.yml"), ["-preview"]);
    for (const other of ["up-stack.yml", "drift.yml"]) {
      assert.equal(environmentsOf(other).includes("-preview"), false, other);
    }
  });

  it("call commands that there are, with options that they know", async () => {
    const calls = files.flatMap((file) => [
      ...textOf(file).matchAll(/node local\/cli\.ts ([\w-]+)(.*)/g),
    ]);
    assert.equal(calls.length, 5);
    for (const [, command = "", rest = ""] of calls) {
      const { stdout } = await execa(process.execPath, ["local/cli.ts", command, "--help"], {
        cwd: projectDirectory,
      });
      for (const [option] of rest.matchAll(/--[\w-]+/g)) {
        assert.ok(stdout.includes(option), `${command} ${option}`);
      }
    }
  });
});
