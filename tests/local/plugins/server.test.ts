import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { identify, signal, waitForEnd } from "../../../local/processes.ts";
import { createPulumiProject, type PulumiProject } from "../../support/pulumi-project.ts";

const program = (body: string) => `
import * as pulumi from "@pulumi/pulumi";

class Toy extends pulumi.ProviderResource {
  constructor(name, props) { super("toy", name, props, { version: "1.2.3" }); }
}
class Note extends pulumi.CustomResource {
  constructor(name, props, options) {
    super("toy:index:Note", name, { title: undefined, length: undefined, key: undefined, settings: undefined, ...props }, { version: "1.2.3", ...options });
  }
}
class Stranger extends pulumi.CustomResource {
  constructor(name) { super("toy:index:Stranger", name, {}, { version: "1.2.3" }); }
}
${body}
`;

describe("a provider plugin behind the engine", function () {
  this.timeout(180_000);
  let project: PulumiProject;
  let notes: string;

  before(async () => {
    project = await createPulumiProject({
      program: program(""),
      env: { TOY_PASSWORD: "swordfish" },
    });
    notes = join(project.directory, "notes");
    const plugin = join(project.directory, ".pulumi-test/home/plugins/resource-toy-v1.2.3");
    mkdirSync(plugin, { recursive: true });
    writeFileSync(
      join(plugin, "pulumi-resource-toy"),
      `#!/bin/sh\nexec node "${join(import.meta.dirname, "toy-plugin.ts")}" "$@"\n`,
      { mode: 0o755 },
    );
  });
  after(() => {
    project.dispose();
  });

  const env = () => ({ TOY_FOLDER: notes });
  const run = async (body: string, expected = 0) => {
    project.write(program(body));
    const { code, stdout, stderr } = await project.up({ env: env() });
    assert.equal(code === 0, expected === 0, stdout + stderr);
    return stdout + stderr;
  };
  const preview = async (body: string) => {
    project.write(program(body));
    const { code, stdout, stderr } = await project.preview({ env: env() });
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const stored = (title: string) =>
    JSON.parse(readFileSync(join(notes, `${title}.json`), "utf8")) as Record<string, unknown>;
  const stateOf = async (name: string) => {
    const { deployment } = await project.exportState();
    return deployment.resources?.find(({ urn }) => urn.endsWith(`::${name}`));
  };

  const two = (text: string, more = "") => `
    const first = new Note("first", { title: "first", text: ${JSON.stringify(text)}${more} });
    const second = new Note("second", { title: "second", text: pulumi.interpolate\`after \${first.length}\`, tags: { "a.b": "c" } });
    export const length = first.length;
    export const key = first.key;
  `;

  it("creates resources of which one needs what another gives, after a preview that touches nothing", async () => {
    const shown = await preview(two("hello"));
    assert.match(shown, /text *: "hello"/);
    assert.match(shown, /text *: \[unknown\]|text *: output<string>/);
    assert.equal(existsSync(notes), false);
    await run(two("hello"));
    assert.deepEqual(stored("second"), { title: "second", text: "after 5", tags: { "a.b": "c" } });
    assert.deepEqual(await project.outputs(), { length: 5, key: "made-by-service" });
  });

  it("marks a secret of the service as secret in the state", async () => {
    assert.doesNotMatch(JSON.stringify(await project.exportState()), /made-by-service/);
  });

  it("finds nothing to do the second time, without a connection to the service", async () => {
    const { code, stdout, stderr } = await project.pulumi(["preview", "--expect-no-changes"]);
    assert.equal(code, 0, stdout + stderr);
  });

  it("shows a change property by property and makes it", async () => {
    const shown = await preview(two("hello!", `, lines: [{ colour: "red" }]`));
    assert.match(shown, /~ text *: "hello" => "hello!"/);
    assert.match(shown, /\+ lines *:/);
    await run(two("hello!", `, lines: [{ colour: "red" }]`));
    const deeper = await preview(two("hello!", `, lines: [{ colour: "blue" }]`));
    assert.match(deeper, /~ colour: "red" => "blue"/);
    assert.match(deeper, /1 to update/);
    await run(two("hello!"));
    assert.equal(stored("first").lines, undefined);
  });

  it("takes two spellings of one JSON document for the same", async () => {
    await run(two("hello!", `, policy: '{"a":1,"b":2}'`));
    assert.match(await preview(two("hello!", `, policy: '{ "b": 2, "a": 1 }'`)), /\b\d+ unchanged/);
    writeFileSync(
      join(notes, "first.json"),
      JSON.stringify({ ...stored("first"), policy: '{"b":2,"a":1}' }),
    );
    const { code, stdout, stderr } = await project.refreshCheck({ env: env() });
    assert.equal(code, 0, stdout + stderr);
  });

  it("replaces where the type says so, and shows that", async () => {
    const body = two("hello!").replace(`{ title: "second"`, `{ title: "other"`);
    const shown = await preview(body);
    assert.match(shown, /\+-.*second|\+-toy:index:Note/);
    assert.match(shown, /~ title *: "second" => "other"/);
    assert.match(shown, /1 to replace/);
    await run(body);
    assert.deepEqual(readdirSync(notes).sort(), ["first.json", "other.json"]);
  });

  it("finds what was changed by hand, names it, and mends it", async () => {
    await run(two("hello!"));
    writeFileSync(join(notes, "first.json"), JSON.stringify({ title: "first", text: "scrawl" }));
    rmSync(join(notes, "second.json"));
    const { code, stdout } = await project.refreshCheck({ env: env() });
    assert.equal(code, 7, stdout);
    assert.match(stdout, /first[^\n]*update[^\n]*text/);
    assert.match(stdout, /second[^\n]*delete/);
    const mended = await project.pulumi(["up", "--yes", "--skip-preview", "--refresh"], {
      env: env(),
    });
    assert.equal(mended.code, 0, mended.stdout + mended.stderr);
    assert.deepEqual([stored("first").text, stored("second").text], ["hello!", "after 6"]);
  });

  it("takes over a resource that is there already", async () => {
    writeFileSync(
      join(notes, "found.json"),
      JSON.stringify({ title: "found", text: "by the road" }),
    );
    await run(
      `new Note("found", { title: "found", text: "by the road" }, { import: "found" });${two("hello!")}`,
    );
    assert.equal((await stateOf("found"))?.id, "found");
    const wrong = await run(
      `new Note("lost", { title: "lost" }, { import: "lost" });${two("hello!")}`,
      1,
    );
    assert.match(wrong, /lost/);
  });

  it("gives its settings to the provider and its secrets to nobody", async () => {
    const body = `
      const provider = new Toy("mine", { mood: "good", nested: { deep: [1, "two"] }, token: pulumi.secret("hush-hush") });
      new Note("set", { title: "set", code: pulumi.secret("open-sesame") }, { provider });
      export const doubled = pulumi.runtime.invoke("toy:index:double", { value: 21 }, { provider });
      ${two("hello!")}`;
    await run(body);
    assert.deepEqual(((await project.outputs()).doubled as { value: number }).value, 42);
    const state = JSON.stringify(await project.exportState());
    assert.doesNotMatch(state, /open-sesame/);
    assert.equal(stored("set").code, "open-sesame");
    assert.match(state, /"deep":\[1,"two"\]/);
    assert.match(
      await run(body.replace('mood: "good"', 'mood: "bad"'), 1),
      /The mood must be good/,
    );
    const said = await run(
      `new Note("failing", { text: "unwritable", code: pulumi.secret("open-sesame") });${two("hello!")}`,
      1,
    );
    assert.match(said, /no pen; tried with \[secret\] and \[secret\]/);
  });

  it("says what is wrong with an input, and where", async () => {
    const said = await run(
      `new Note("long", { text: "${"long ".repeat(9)}" });${two("hello!")}`,
      1,
    );
    assert.match(said, /text/);
    assert.match(said, /A text has at most 40 letters\./);
  });

  it("keeps a half-made resource, and makes it whole the next time", async () => {
    const said = await run(
      `new Note("wet", { title: "wet", text: "smudged" });${two("hello!")}`,
      1,
    );
    assert.match(said, /the ink is not dry/);
    assert.equal((await stateOf("wet"))?.id, "wet");
    await run(`new Note("wet", { title: "wet", text: "dry" });${two("hello!")}`);
    assert.equal(stored("wet").text, "dry");
  });

  it("says of a type that it does not know what it serves", async () => {
    const said = await run(`new Stranger("who");`, 1);
    assert.match(said, /does not know the resource type toy:index:Stranger/);
    assert.match(said, /It serves: toy:index:Note\./);
    assert.match(said, /What to do: .*pulumi plugin install resource toy 1\.2\.3/);
  });

  it("deletes what the program no longer declares", async () => {
    await run("");
    assert.deepEqual(readdirSync(notes), []);
  });
});

describe("the process of a provider plugin", () => {
  const plugin = join(import.meta.dirname, "toy-plugin.ts");
  /** Through a shell, as the engine starts it: the plugin's own parent can then be killed. */
  const start = async () => {
    const engine = spawn(
      "sh",
      ["-c", `"${process.execPath}" "${plugin}" 127.0.0.1:1 & echo $!; wait`],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const lines = createInterface({ input: engine.stdout })[Symbol.asyncIterator]();
    const pid = Number((await lines.next()).value);
    const port = Number((await lines.next()).value);
    assert.ok(port > 0);
    const identity = identify(pid) ?? assert.fail("the plugin does not run");
    return { engine, identity };
  };

  it("ends when it is asked to", async () => {
    const { engine, identity } = await start();
    signal(identity, "SIGINT");
    assert.equal(await waitForEnd(identity, 5_000), true);
    engine.kill();
  });

  it("ends when its engine was killed, so that no plugin is left", async () => {
    const { engine, identity } = await start();
    engine.kill("SIGKILL");
    assert.equal(await waitForEnd(identity, 10_000), true);
  });
});
