import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { developmentKey } from "../../../local/development-account.ts";
import { type Devnode, startDevnode } from "../../../local/devnode.ts";
import { freePort } from "../../../local/ports.ts";
import { createLocalProject, type LocalProject } from "../../support/local-project.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

/** A stack with one resource, whose `read` finds on the network what the file `network` says. */
const program = (level: number) => `
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
class Level extends pulumi.dynamic.Resource {
  constructor(name: string, level: number) {
    super({
      create: async (inputs: { level: number }) => ({ id: "level", outs: inputs }),
      update: async (_id: string, _olds: unknown, news: { level: number }) => ({ outs: news }),
      read: async (id: string) => {
        const { existsSync, readFileSync } = await import("node:fs");
        if (existsSync("unreachable")) throw new Error("no node answers");
        const found = { level: existsSync("by-hand") ? Number(readFileSync("by-hand", "utf8")) : ${level} };
        return { id, props: found, inputs: found };
      },
    }, name, { level });
  }
}
new Level("level", ${level});
export const programs = [{
  program: "agents.aleo",
  edition: ${level},
  transaction: "at1" + "q".repeat(58),
  fee: "12345678",
  address: process.env.ALEO_NODE_URL,
}];
`;

describe("the network local", function () {
  this.timeout(240_000);
  const strangersLedger = temporaryDirectory("stranger");
  let project: LocalProject;
  let stranger: Devnode;
  let strangersPort: number;

  before(async () => {
    project = await createLocalProject(program(1));
    strangersPort = await freePort();
    stranger = await startDevnode({
      directory: strangersLedger.path,
      logFile: join(strangersLedger.path, "log"),
      port: strangersPort,
    });
  });
  after(async () => {
    await project.dispose();
    await stranger.stop();
    strangersLedger.remove();
  });

  const height = async (port: number) =>
    Number(await (await fetch(`http://127.0.0.1:${port}/testnet/block/height/latest`)).text());

  it("can be neither previewed nor checked nor reached before it is up, and the error says what to do", async () => {
    for (const command of ["preview", "drift", "env"]) {
      const { code, stderr } = await project.run(command);
      assert.equal(code, 1);
      assert.match(stderr, /network local is not up/);
      assert.match(stderr, /make up/);
    }
  });

  it("does not come up on a port in use, which is named with its process", async () => {
    const { code, stdout, stderr } = await project.run("up", "--port", String(strangersPort));
    assert.equal(code, 1);
    assert.match(
      stdout + stderr,
      new RegExp(`Port ${strangersPort} is in use by .*process ${stranger.pid}`),
    );
    assert.equal(existsSync(join(project.directory, ".state", "local", "ledger")), false);
  });

  it("comes up: a ledger, the stack, a table of its programs and what to type next", async () => {
    const { code, stdout, stderr } = await project.run("up", "--port", String(project.port));
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^Program +Edition +Cost in credits +Transaction +Program address$/m);
    assert.match(
      stdout,
      new RegExp(
        `^agents\\.aleo +1 +12\\.345678 +at1q{58} +http://127\\.0\\.0\\.1:${project.port}$`,
        "m",
      ),
    );
    assert.match(stdout, /2 resources changed\./);
    assert.match(stdout, /make down/);
    assert.equal(await height(project.port), 22);
  });

  it("changes nothing the second time and says so", async () => {
    const { code, stdout } = await project.run("up");
    assert.equal(code, 0);
    assert.match(stdout, /runs already/);
    assert.match(stdout, /Nothing changed/);
  });

  it("sets a shell to itself, on whose path the project's commands come first", async () => {
    const lines = await project.run("env");
    const shown = 'echo "$ALEO_NETWORK $ALEO_NODE_URL ${PATH%%:*}"';
    const { stdout } = await execa("bash", ["-euc", `${lines.stdout}\n${shown}`]);
    const commands = join(project.directory, "node_modules", ".bin");
    assert.equal(stdout, `local http://127.0.0.1:${project.port} ${commands}`);
  });

  it("gives the same as one JSON document", async () => {
    const { stdout } = await project.run("up", "--json");
    const { stack, changed, programs } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual({ stack, changed }, { stack: "local", changed: 0 });
    assert.ok(Array.isArray(programs) && programs.length === 1);
  });

  it("shows in a preview what would change", async () => {
    project.write(program(2));
    const { code, stdout } = await project.run("preview");
    assert.equal(code, 0);
    assert.match(stdout, /level +: 1 => 2/);
    project.write(program(1));
  });

  it("has no drift while nobody touches it: exit code 0", async () => {
    const { code, stdout } = await project.run("drift");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^No drift/m);
  });

  it("has drift when the network was changed by hand: exit code 7", async () => {
    const { writeFileSync, rmSync } = await import("node:fs");
    writeFileSync(join(project.directory, "by-hand"), "5");
    const { code, stdout } = await project.run("drift", "--json");
    rmSync(join(project.directory, "by-hand"));
    assert.equal(code, 7);
    const resource = {
      name: "level",
      type: "pulumi-nodejs:dynamic:Resource",
      isGone: false,
      differences: ["level: 1 → 5"],
    };
    assert.deepEqual(JSON.parse(stdout), {
      stack: "local",
      drift: true,
      exitCode: 7,
      report: { stack: "local", kind: "drift", severity: "medium", resources: [resource] },
    });
  });

  it("has a broken check, which is neither, when the network can't be read", async () => {
    const { writeFileSync, rmSync } = await import("node:fs");
    writeFileSync(join(project.directory, "unreachable"), "");
    const { code, stdout, stderr } = await project.run("drift");
    rmSync(join(project.directory, "unreachable"));
    assert.ok(code !== 0 && code !== 7, `exit code ${code}`);
    assert.match(stdout + stderr, /no node answers/);
    assert.match(stdout, /says nothing about drift/);
  });

  it("passes the failure of a deployment on", async () => {
    project.write("throw new Error('wrong program');");
    const { code, stdout, stderr } = await project.run("up");
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /wrong program/);
    project.write(program(1));
  });

  it("keeps the key out of everything it writes", () => {
    const log = readFileSync(join(project.directory, ".state", "local", "devnode.log"), "utf8");
    const record = readFileSync(join(project.directory, ".state", "local", "devnode.json"), "utf8");
    assert.ok(!`${log}${record}`.includes(developmentKey));
  });

  it("goes down without its ledger, and without a devnode that it did not start", async () => {
    const { stdout } = await project.run("down");
    assert.match(stdout, /Stopped: Ledger\. .*kept/);
    await assert.rejects(height(project.port));
    assert.equal(await height(strangersPort), 22);
    assert.match((await project.run("down")).stdout, /Nothing was running/);
    assert.ok(existsSync(join(project.directory, ".state", "local", "ledger")));
  });

  it("comes up again where it was", async () => {
    const { code, stdout } = await project.run("up", "--port", String(project.port));
    assert.equal(code, 0);
    assert.match(stdout, /Nothing changed/);
  });

  it("is not deleted when nobody can be asked", async () => {
    const { code, stderr } = await project.run("reset");
    assert.equal(code, 1);
    assert.match(stderr, /nobody can be asked/);
    assert.equal(await height(project.port), 22);
  });

  it("is deleted with its journal when that is said beforehand, and nothing else is", async () => {
    const journals = join(project.directory, ".state", "journal");
    mkdirSync(join(journals, "local"), { recursive: true });
    mkdirSync(join(journals, "testnet"));
    const { code } = await project.run("reset", "--yes");
    assert.equal(code, 0);
    await assert.rejects(height(project.port));
    assert.equal(existsSync(join(project.directory, ".state", "local")), false);
    assert.equal(existsSync(join(journals, "local")), false);
    assert.ok(existsSync(join(journals, "testnet")));
    assert.equal(await height(strangersPort), 22);
    assert.match((await project.run("reset")).stdout, /nothing to delete/);
  });
});

describe("a wrong command line", function () {
  this.timeout(30_000);
  let project: LocalProject;
  before(async () => {
    project = await createLocalProject("export {};", {
      ...{ PULUMI_BACKEND_URL: undefined, PULUMI_ACCESS_TOKEN: undefined },
      PULUMI_HOME: join(tmpdir(), "no-home-of-pulumi"),
    });
  });
  after(() => project.dispose());

  it("names the option, its value and what is allowed", async () => {
    const { code, stderr } = await project.run("up", "--port", "99999");
    assert.equal(code, 1);
    assert.match(stderr, /--port.*99999.*1 to 65535/);
  });

  it("names the stacks that there are, and what says where the state of one is", async () => {
    writeFileSync(join(project.directory, "Pulumi.testnet.yaml"), "config: {}\n");
    const misspelt = await project.run("preview", "--stack", "testnt");
    assert.equal(misspelt.code, 1);
    assert.match(misspelt.stderr, /no stack "testnt"[^]*The stacks are: .*testnet/);
    const { code, stderr } = await project.run("preview", "--stack", "testnet");
    assert.equal(code, 1);
    assert.match(stderr, /where Pulumi keeps the state of stack testnet[^]*PULUMI_BACKEND_URL/);
  });

  it("in a directory without a project says so", async () => {
    const { rmSync } = await import("node:fs");
    rmSync(join(project.directory, "Pulumi.yaml"));
    const { code, stderr } = await project.run("down");
    assert.equal(code, 1);
    assert.match(stderr, /holds no Pulumi\.yaml/);
  });
});
