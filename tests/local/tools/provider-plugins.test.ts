import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { LocalError } from "../../../local/errors.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { freePort } from "../../../local/ports.ts";
import {
  ensureProviderPlugins,
  providerPlugins,
  reportProviderPlugins,
} from "../../../local/tools/provider-plugins.ts";
import type { Pulumi } from "../../../local/tools/pulumi.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

const quiet = () => undefined;
const names = ["aws", "kubernetes", "pagerduty"];

describe("the provider plugins", () => {
  let scratch: TemporaryDirectory;
  let env: NodeJS.ProcessEnv;
  let pulumi: Pulumi;
  let servers: Server[];

  beforeEach(() => {
    scratch = temporaryDirectory("plugins");
    env = { PATH: process.env.PATH, PULUMI_HOME: join(scratch.path, "home") };
    servers = [];
  });
  afterEach(() => {
    for (const server of servers) server.close();
    scratch.remove();
  });

  /** A CLI whose `plugin install resource NAME VERSION` does what `script` says. */
  const cli = (script: string) => {
    const binary = join(scratch.path, "pulumi");
    writeFileSync(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    pulumi = { binary, source: "release" };
  };
  const reachable = async () => {
    const server = createServer((_request, response) => response.writeHead(403).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/plugins`;
  };
  const closed = async () => `http://127.0.0.1:${await freePort()}/plugins`;
  const sources = (standIns = true, source?: string) =>
    ensureProviderPlugins(pulumi, env, quiet, {
      standIns,
      ...(source !== undefined && { source }),
    }).then((found) => found.map((plugin) => plugin.source));

  const installing = `
    sleep 0.2
    mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"
    echo real > "$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4"`;

  it("are the real ones where the CLI can install them, however long that takes", async () => {
    cli(installing);
    assert.deepEqual(await sources(true, await reachable()), ["real", "real", "real"]);
    for (const { status, from } of reportProviderPlugins(env)) {
      assert.equal(status, "ready");
      assert.match(from, /^the real one, /);
    }
  });

  it("stay as they are once they are there", async () => {
    cli(installing);
    await sources(true, await reachable());
    cli("exit 1");
    assert.deepEqual(await sources(false, await closed()), ["real", "real", "real"]);
  });

  it("are the stand-ins where the source is not reached, without asking the CLI", async () => {
    cli(`touch "${scratch.path}/asked"; exit 1`);
    assert.deepEqual(await sources(true, await closed()), ["stand-in", "stand-in", "stand-in"]);
    assert.equal(existsSync(join(scratch.path, "asked")), false);
    assert.deepEqual(
      reportProviderPlugins(env).map(({ from }) => from),
      names.map((name) => `the stand-in in local/plugins/${name}`),
    );
    assert.deepEqual(readdirSync(join(scratch.path, "home")), ["plugins"]);
  });

  it("are the stand-ins where the CLI fails", async () => {
    cli(`[ "$4" = aws ] && exit 1; ${installing}`);
    assert.deepEqual(await sources(true, await reachable()), ["stand-in", "real", "real"]);
  });

  it("are not replaced by stand-ins in a home that is the user's own", async () => {
    cli("exit 1");
    const source = await closed();
    await assert.rejects(sources(false, source), (error: LocalError) => {
      assert.ok(error instanceof LocalError);
      assert.match(
        error.message,
        /plugin aws .* is not installed, .*127\.0\.0\.1.* is not reached/,
      );
      assert.match(error.remedy, /pulumi plugin install resource aws/);
      return true;
    });
    assert.equal(existsSync(join(scratch.path, "home")), false);
    assert.deepEqual(
      reportProviderPlugins(env).map(({ status }) => status),
      ["obtainable", "obtainable", "obtainable"],
    );
  });

  it("are got once when two runs ask at the same time", async () => {
    cli("exit 1");
    const source = await closed();
    const both = await Promise.all([sources(true, source), sources(true, source)]);
    for (const found of both) assert.deepEqual(found, ["stand-in", "stand-in", "stand-in"]);
    assert.deepEqual(readdirSync(join(scratch.path, "home")), ["plugins"]);
  });

  it("are got again after an installation that was interrupted", () => {
    cli(installing);
    const half = join(scratch.path, "home/plugins/resource-aws-v7.48.0");
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, "pulumi-resource-aws"), "half");
    writeFileSync(`${half}.partial`, "");
    assert.equal(reportProviderPlugins(env)[0]?.status, "obtainable");
  });

  it("as stand-ins start the plugin of the project that runs them, and nothing without one", async () => {
    cli("exit 1");
    await sources(true, await closed());
    const file = join(scratch.path, "home/plugins/resource-aws-v7.48.0/pulumi-resource-aws");
    mkdirSync(join(scratch.path, "mine/aws"), { recursive: true });
    writeFileSync(join(scratch.path, "mine/aws/plugin.ts"), "console.log(process.argv[2])\n");
    const run = (more: NodeJS.ProcessEnv) =>
      execa(file, ["127.0.0.1:1"], {
        env: { PATH: `${dirname(process.execPath)}:${env.PATH ?? ""}`, ...more },
        extendEnv: false,
        reject: false,
      });
    const mine = await run({ ALEO_OPS_PROVIDER_PLUGINS: join(scratch.path, "mine") });
    assert.equal(mine.stdout, "127.0.0.1:1", mine.stderr);
    const nobodys = await run({});
    assert.notEqual(nobodys.exitCode, 0);
    assert.match(nobodys.stderr, /run pulumi through make of aleo-ops/);
  });

  it("have the versions of the npm packages", () => {
    const { devDependencies } = JSON.parse(
      readFileSync(join(projectDirectory, "package.json"), "utf8"),
    ) as { devDependencies: Record<string, string> };
    for (const { name, version } of providerPlugins) {
      assert.equal(devDependencies[`@pulumi/${name}`], version);
    }
  });
});
