import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { execa } from "execa";
import { projectDirectory } from "../../local/paths.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary-directory.ts";

const lines = (file: string) =>
  readFileSync(join(projectDirectory, file), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
const dockerfile = lines("Dockerfile");
const [everything, ...named] = lines(".dockerignore");
const allowed = named.flatMap((line) => (line.startsWith("!") ? line.slice(1) : []));
const keptOut = named.filter((line) => !line.startsWith("!"));

/** What the last stage takes of this repository, each with the place that it gets. */
const last = dockerfile.slice(dockerfile.findLastIndex((line) => line.startsWith("FROM ")));
const copied = last.flatMap((line) => {
  if (!line.startsWith("COPY ") || line.includes("--from=")) return [];
  const sources = line.split(" ").slice(1, -1);
  const target = line.split(" ").at(-1) ?? "";
  return sources.map((source) => ({
    source,
    target: target.endsWith("/") ? join(target, source) : target,
  }));
});

describe("the container image", function () {
  this.timeout(120_000);
  let image: TemporaryDirectory;

  before(() => {
    image = temporaryDirectory("image");
    for (const { source, target } of copied) {
      assert.ok(allowed.includes(source), `.dockerignore keeps ${source} out`);
      const to = join(image.path, target);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(projectDirectory, source), to, { recursive: true });
    }
    for (const file of keptOut) rmSync(join(image.path, file));
    symlinkSync(join(projectDirectory, "node_modules"), join(image.path, "node_modules"));
  });
  after(() => {
    image.remove();
  });

  const files = () =>
    readdirSync(image.path, { recursive: true, encoding: "utf8" }).filter(
      (file) => !file.startsWith("node_modules"),
    );
  const importsOf = (file: string) =>
    [
      // Node takes imports of types away.
      ...readFileSync(join(image.path, file), "utf8")
        .replaceAll(/^import type [^;]+;/gm, "")
        .matchAll(/(?:^|[\s}])(?:from|import)\s*\(?\s*"([@\w./:-]+)"/g),
    ].map(([, name = ""]) => name);

  it("runs the operations' command line and its monitor", async () => {
    for (const args of [["--help"], ["monitor", "--help"], ["health", "--help"]]) {
      const { exitCode, stdout, stderr } = await execa(
        process.execPath,
        ["operations/cli.ts", ...args],
        { cwd: image.path, reject: false },
      );
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /Usage: aleo-ops/);
    }
  });

  it("holds the runbooks and the pages, and what their check can look at there is in order", async () => {
    const { exitCode, stdout } = await execa(
      process.execPath,
      ["operations/cli.ts", "docs", "check", "--network", "testnet"],
      { cwd: image.path, reject: false },
    );
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /19 of them runbooks: .* 0 problems\.\n! Not looked at: `make`/);
  });

  it("knows the public networks", async () => {
    const { stderr } = await execa(
      process.execPath,
      ["operations/cli.ts", "node", "--network", "nowhere"],
      { cwd: image.path, reject: false },
    );
    assert.match(stderr, /The networks are: mainnet, testnet/);
  });

  it("holds every file that one of its files imports", () => {
    const sources = files().filter((file) => file.endsWith(".ts"));
    assert.ok(sources.length > 50);
    for (const file of sources) {
      for (const name of importsOf(file).filter((one) => one.startsWith("."))) {
        const target = relative(image.path, resolve(image.path, dirname(file), name));
        assert.ok(sources.includes(target), `${file} imports ${target}, which is not in the image`);
      }
    }
  });

  it("holds every package that its files import: they are no development dependencies", () => {
    const { dependencies, devDependencies } = createRequire(import.meta.url)(
      join(projectDirectory, "package.json"),
    ) as Record<"dependencies" | "devDependencies", Record<string, string>>;
    for (const file of files().filter((one) => one.endsWith(".ts"))) {
      for (const name of importsOf(file).filter((one) => !/^(\.|node:)/.test(one))) {
        const [scope = "", rest = ""] = name.split("/");
        const bare = scope.startsWith("@") ? `${scope}/${rest}` : scope;
        assert.ok(bare in dependencies && !(bare in devDependencies), `${bare} of ${file}`);
      }
    }
  });

  it("takes nothing that is not named: no state, no history, no keys, no tests", () => {
    assert.equal(everything, "*");
    for (const entry of allowed) {
      assert.match(entry, /^[\w-]+(\.(ts|json))?$|^Pulumi\.(testnet|mainnet)\.yaml$/);
    }
    for (const kept of [".state", ".git", "node_modules", "tests", "local", "Pulumi.local.yaml"]) {
      assert.equal(allowed.includes(kept), false, kept);
    }
    assert.deepEqual(
      files().filter((file) => /\.(env|pem|key|sqlite|log)$|(^|\/)\.|credentials/.test(file)),
      [],
    );
  });

  it("is pinned by digest, and runs as nobody in particular", () => {
    for (const line of dockerfile.filter((one) => one.startsWith("FROM "))) {
      assert.match(line, /^FROM (--platform=\S+ )?\S+:[\w.-]+@sha256:[0-9a-f]{64}/);
    }
    assert.ok(last.includes("USER 65532:65532"));
    assert.match(last[0] ?? "", /distroless\/nodejs24-/);
    assert.equal(
      last.some((line) => line.startsWith("RUN")),
      false,
    );
    const { node } = (
      createRequire(import.meta.url)(join(projectDirectory, "package.json")) as {
        devDependencies: Record<string, string>;
      }
    ).devDependencies;
    assert.match(
      dockerfile[0] ?? "",
      new RegExp(`^FROM --platform=\\$BUILDPLATFORM node:${node ?? ""}-`),
    );
  });
});
