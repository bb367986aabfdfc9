import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLocalProject, type LocalProject } from "../../support/local-project.ts";
import { type GitHubStandIn, startGitHubStandIn } from "./github-stand-in.ts";

/** A program and a volume, whose `read` finds on the network what the file `by-hand` says. */
const program = (edition: number, size: number) => `
import * as pulumi from "@pulumi/pulumi";

const read = async (id: string, { __provider, owner, ...known }: Record<string, unknown>) => {
  const { existsSync } = await import("node:fs");
  if (existsSync("unreachable")) throw new Error("no node answers");
  const inputs = existsSync("by-hand") && "edition" in known ? { ...known, edition: 7 } : known;
  return { id, props: { ...inputs, ...(owner === undefined ? {} : { owner }) }, inputs };
};
const change = async (_id: string, _olds: unknown, outs: Record<string, unknown>) => ({ outs: { ...outs, owner: "aleo1owner" } });

class AleoProgram extends pulumi.dynamic.Resource {
  constructor(name: string, inputs: object) {
    super({
      create: async (outs: object) => ({ id: "testnet/token.aleo", outs: { ...outs, owner: "aleo1owner" } }),
      update: change, read,
    }, name, { ...inputs, owner: undefined }, { protect: true }, "aleops", "AleoProgram");
  }
}
class Volume extends pulumi.dynamic.Resource {
  constructor(name: string, size: pulumi.Input<number>) {
    super({
      create: async (outs: object) => ({ id: "volume", outs }),
      diff: async (_id: string, olds: { size: number }, news: { size: number }) => ({
        changes: olds.size !== news.size, replaces: ["size"], deleteBeforeReplace: true,
      }),
      read,
    }, name, { size, password: pulumi.secret("hush-hush") });
  }
}
new AleoProgram("contracts-token.aleo", {
  program: "token.aleo",
  edition: ${edition},
  estimatedFee: "14036102",
  interface: { program: "token.aleo", functions: { mint: "(u${8 * (edition + 1)})" } },
});
new Volume("volume", ${size});
`;

const stack = ["--stack", "testnet"];

describe("what is told of a stack", function () {
  this.timeout(180_000);
  let project: LocalProject;
  let gitHub: GitHubStandIn;

  before(async () => {
    gitHub = await startGitHubStandIn();
    const directory = () => project.directory;
    project = await createLocalProject(program(0, 1), {
      PULUMI_CONFIG_PASSPHRASE: "test",
      GITHUB_API_URL: gitHub.url,
      GITHUB_REPOSITORY: "owner/repository",
      GITHUB_TOKEN: "token",
      PAGERDUTY_KEY_CRITICAL: "c".repeat(32),
      PAGERDUTY_EVENTS_URL: `${gitHub.url}/v2/enqueue`,
      get PULUMI_BACKEND_URL() {
        return `file://${join(directory(), "backend")}`;
      },
      get PULUMI_HOME() {
        return join(directory(), "home");
      },
    });
    mkdirSync(join(project.directory, "backend"));
    for (const name of ["testnet", "nowhere"]) {
      writeFileSync(join(project.directory, `Pulumi.${name}.yaml`), "config: {}\n");
    }
    for (const args of [
      ["stack", "init", "testnet"],
      ["up", "--yes", "--skip-preview"],
    ]) {
      const { code, stdout, stderr } = await project.run("pulumi", ...stack, "--", ...args);
      assert.equal(code, 0, stdout + stderr);
    }
  });
  after(async () => {
    await project.dispose();
    await gitHub.stop();
  });

  const open = () =>
    gitHub.issues.filter(({ state }) => state === "open").map(({ title }) => title);

  it("is a preview's summary, which becomes a comment", async () => {
    project.write(program(1, 2));
    const file = join(project.directory, "summary.md");
    const preview = await project.run("preview", ...stack, "--summary-file", file);
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    assert.match(preview.stdout, /Previewing update/);
    const summary = readFileSync(file, "utf8");
    for (const expected of [
      /### 2 changes on testnet/,
      /- `volume` \(`pulumi-nodejs:dynamic:Resource`\) is \*\*replaced\*\*/,
      /\| `token\.aleo` \| 0 → 1 \| 14\.036102 \|/,
      /- functions: mint \(u8\)\n\+ functions: mint \(u16\)/,
      /Everything else: 1 to replace, 1 unchanged\./,
      /<details><summary>Diff<\/summary>\n\n```diff\nPreviewing update/,
      /^! +edition *: 0 => 1$/m,
    ]) {
      assert.match(summary, expected);
    }
    assert.doesNotMatch(summary + preview.stdout, /hush-hush/);
    const comment = await project.run(
      "pr-comment",
      ...stack,
      ...["--pull-request", "7", "--summary-file", file],
    );
    assert.equal(comment.code, 0, comment.stderr);
    assert.equal(gitHub.comments.get(7)?.[0]?.body, summary);
  });

  it("is why a preview failed", async () => {
    project.write(`throw new Error("the sky is falling");`);
    const file = join(project.directory, "summary.md");
    const { code } = await project.run("preview", ...stack, "--summary-file", file);
    assert.notEqual(code, 0);
    const summary = readFileSync(file, "utf8");
    assert.match(summary, /### The preview of testnet failed/);
    assert.match(summary, /the sky is falling/);
  });

  it("is drift, as an issue and a page, until it is gone", async () => {
    const file = join(project.directory, "by-hand");
    writeFileSync(file, "");
    const found = await project.run("drift", ...stack, "--report", "--json");
    assert.equal(found.code, 7, found.stdout + found.stderr);
    const document = JSON.parse(found.stdout) as { drift: boolean; report: { severity: string } };
    assert.equal(document.drift, true);
    assert.equal(document.report.severity, "critical");
    assert.deepEqual(open(), ["Drift on testnet: 1 resource"]);
    assert.match(gitHub.issues[0]?.body ?? "", / {2}- `edition: 0 → 7`/);
    assert.deepEqual(
      gitHub.events.map(({ event_action, dedup_key }) => [event_action, dedup_key]),
      [
        ["trigger", "aleo-ops/drift/testnet"],
        ["resolve", "aleo-ops/broken/testnet"],
      ],
    );
    rmSync(file);
    const gone = await project.run("drift", ...stack, "--report");
    assert.equal(gone.code, 0, gone.stdout + gone.stderr);
    assert.deepEqual(open(), []);
  });

  it("is that the check is broken, which is not drift", async () => {
    const file = join(project.directory, "unreachable");
    writeFileSync(file, "");
    const { code, stdout } = await project.run("drift", ...stack, "--report");
    assert.notEqual(code, 0);
    assert.notEqual(code, 7);
    assert.match(stdout, /This says nothing about drift/);
    assert.deepEqual(open(), ["The drift check of testnet is broken"]);
    assert.match(gitHub.issues.at(-1)?.body ?? "", /no node answers/);
  });

  it("is what Pulumi says before its engine runs", async () => {
    const { code } = await project.run("drift", "--stack", "nowhere", "--report");
    assert.notEqual(code, 0);
    assert.match(gitHub.issues.at(-1)?.body ?? "", /no stack named 'nowhere' found/);
  });

  it("is that the check can't begin", async () => {
    const { code } = await project.run("drift", "--stack", "local", "--report");
    assert.equal(code, 1);
    assert.equal(open().at(-1), "The drift check of local is broken");
    assert.match(gitHub.issues.at(-1)?.body ?? "", /Run `make up` first/);
  });

  it("is held to the policies: a program of mainnet without protection is refused", async () => {
    project.write(
      program(0, 1)
        .replace("protect: true", "protect: false")
        .replace("program: ", "network: 'mainnet', program: "),
    );
    const { code, stdout } = await project.run("up", ...stack, "--yes");
    assert.notEqual(code, 0);
    assert.match(stdout, /programs-are-protected/);
  });
});
