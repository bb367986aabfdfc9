import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { execaSync } from "execa";
import { LocalError } from "../../../local/errors.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { freePort } from "../../../local/ports.ts";
import {
  ensurePulumi,
  findPulumi,
  officialRelease,
  parsePulumiVersion,
  pulumiVersion,
  reportPulumi,
} from "../../../local/tools/pulumi.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

const quiet = () => undefined;
const host = ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

describe("the Pulumi CLI", () => {
  let scratch: TemporaryDirectory;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    scratch = temporaryDirectory("pulumi");
    mkdirSync(join(scratch.path, "bin"));
    // Only what the fakes need: neither a real pulumi nor go.
    for (const tool of ["sh", "tar", "gzip", "echo"]) {
      const { stdout } = execaSync("which", [tool]);
      symlinkSync(stdout, join(scratch.path, "bin", tool));
    }
    env = { PATH: join(scratch.path, "bin"), XDG_CACHE_HOME: join(scratch.path, "cache") };
  });
  afterEach(() => {
    scratch.remove();
  });

  const fake = (directory: string, version: string, withHost: boolean) => {
    mkdirSync(directory, { recursive: true });
    const script = (text: string, name: string) => {
      writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    };
    script(`echo v${version}`, "pulumi");
    if (withHost) for (const name of host) script("exit 0", name);
  };

  it("on PATH is used when it has the pinned version and its language host", async () => {
    fake(join(scratch.path, "bin"), pulumiVersion, true);
    const found = await findPulumi(env);
    assert.deepEqual(found, { binary: join(scratch.path, "bin", "pulumi"), source: "path" });
  });

  it("on PATH is used through a link to where it is installed", async () => {
    fake(join(scratch.path, "opt"), pulumiVersion, true);
    symlinkSync(join(scratch.path, "opt", "pulumi"), join(scratch.path, "bin", "pulumi"));
    assert.equal((await findPulumi(env))?.source, "path");
  });

  it("on PATH is passed over when it has another version", async () => {
    fake(join(scratch.path, "bin"), "3.200.0", true);
    assert.equal(await findPulumi(env), undefined);
    const [report] = await reportPulumi(env);
    assert.equal(report?.status, "obtainable");
    assert.match(report.from, /it is not used/);
  });

  it("on PATH is passed over when its language host is missing", async () => {
    fake(join(scratch.path, "bin"), pulumiVersion, false);
    assert.equal(await findPulumi(env), undefined);
  });

  it("comes from its release where that is reached, and stays in the cache", async () => {
    const archive = officialRelease().archive;
    fake(join(scratch.path, "pack", "pulumi"), pulumiVersion, true);
    execaSync("tar", ["-czf", archive, "pulumi"], { cwd: join(scratch.path, "pack") });
    const content = readFileSync(join(scratch.path, "pack", archive));
    const sum = createHash("sha256").update(content).digest("hex");
    const server: Server = createServer((request, response) => {
      response.end(request.url === `/${archive}` ? content : `${sum}  ${archive}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const got = await ensurePulumi(quiet, env, { ...officialRelease(), bases: [base] });
      assert.equal(got.source, "release");
      assert.ok(got.binary.startsWith(join(scratch.path, "cache", "aleo-ops")));
    } finally {
      server.close();
    }
    assert.equal((await findPulumi(env))?.source, "release");
    assert.equal((await reportPulumi(env))[1]?.from, "the real one, with the CLI");
  });

  it("says what to install where neither its release nor Go is there", async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    await assert.rejects(
      ensurePulumi(quiet, env, { ...officialRelease(), bases: [closed] }),
      (error: LocalError) => {
        assert.ok(error instanceof LocalError);
        assert.match(error.message, /Go/);
        assert.match(error.remedy, /Install Go/);
        return true;
      },
    );
  });

  it("is pinned to one version, in the locked Go module as well", () => {
    const goMod = readFileSync(join(projectDirectory, "local/tools/pulumi-cli/go.mod"), "utf8");
    assert.match(goMod, new RegExp(`github.com/pulumi/pulumi/pkg/v3 v${pulumiVersion}\\b`));
    assert.match(goMod, new RegExp(`github.com/pulumi/pulumi/sdk/v3 v${pulumiVersion}\\b`));
  });
});

describe("what `pulumi version` prints", () => {
  for (const [printed, version] of [
    ["v3.259.0", "3.259.0"],
    ["v3.259.0\n", "3.259.0"],
    ["3.1.2", "3.1.2"],
    ["v3.260.0-alpha.1", "3.260.0-alpha.1"],
    ["v3.259.0-dev.0+dirty", undefined],
    ["warning: A new version of Pulumi is available\nv3.259.0", undefined],
    ["", undefined],
  ] as const) {
    it(`${JSON.stringify(printed)} is read as ${version ?? "nothing"}`, () => {
      assert.equal(parsePulumiVersion(printed), version);
    });
  }
});

describe("the names of Pulumi's releases", () => {
  it("are those of get.pulumi.com and GitHub", () => {
    assert.deepEqual(officialRelease("linux", "x64"), {
      bases: [
        "https://get.pulumi.com/releases/sdk",
        `https://github.com/pulumi/pulumi/releases/download/v${pulumiVersion}`,
      ],
      archive: `pulumi-v${pulumiVersion}-linux-x64.tar.gz`,
      checksums: `pulumi-${pulumiVersion}-checksums.txt`,
    });
    assert.match(officialRelease("darwin", "arm64").archive, /-darwin-arm64\.tar\.gz$/);
  });
});
