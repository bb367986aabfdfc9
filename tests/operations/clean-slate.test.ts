import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseProgram } from "../../aleo/program/parse.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { cleanSlate, CleanSlateError } from "../../operations/emergency/clean-slate.ts";
import { notePathOf, readNewNames } from "../../operations/emergency/new-names.ts";
import { nextVersion, renamed } from "../../operations/emergency/rename-program.ts";
import { admin, alice, bob } from "../contracts/accounts.ts";
import { pausable } from "../dynamic-providers/program-sources.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { callsOf } from "../contracts/chain.ts";
import { liveChain } from "./live-chain.ts";

describe("The next version's name", () => {
  for (const [id, next] of [
    ["agent_registry_v3.aleo", "agent_registry_v4.aleo"],
    ["token.aleo", "token_v2.aleo"],
    ["a_v9.aleo", "a_v10.aleo"],
    ["my_v3_token.aleo", "my_v3_token_v2.aleo"],
  ] as const) {
    it(`of ${id} is ${next}`, () => {
      assert.equal(nextVersion(id), next);
    });
  }
});

describe("A program under another name", () => {
  it("has it wherever it stood, and the names that only begin alike stay", () => {
    const names = new Map([["token.aleo", "token_v2.aleo"]]);
    const text = "import token.aleo;\nimport my_token.aleo;\ncall token.aleo/f into r0;\n";
    assert.equal(
      renamed(text, names),
      "import token_v2.aleo;\nimport my_token.aleo;\ncall token_v2.aleo/f into r0;\n",
    );
  });

  it("is otherwise the same, for each program of this project", () => {
    for (const id of ["agent_registry_v3.aleo", "trust_verifier_v3.aleo"]) {
      const text = renamed(compiledProgram(id), new Map([[id, nextVersion(id)]]));
      assert.equal(parseProgram(text).id, nextVersion(id));
      assert.equal(text.replaceAll(nextVersion(id), id), compiledProgram(id));
    }
  });
});

describe("A clean slate", function () {
  this.timeout(180_000);
  const chain = liveChain();
  const pauseOf = (program: string) => chain.node.mappingValue(program, "paused", "0u8");
  const declared = "trust_verifier_v3.aleo";
  const run = ["emergency", "clean-slate", declared, "--yes"];

  it("is deployed under the next free name and paused, once, by runs that are killed", async () => {
    // Somebody else has the first name.
    await chain.deploy(bob, "trust_verifier_v4.aleo", pausable("trust_verifier_v4"));
    await chain.killAt("answer:POST .*broadcast", alice, run);
    await chain.killAt("answer:POST .*broadcast", alice, run);
    const { code, stdout, stderr } = await chain.run(alice, run);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✔ trust_verifier_v5\.aleo, the clean trust_verifier_v3\.aleo/);
    assert.equal(await pauseOf("trust_verifier_v5.aleo"), "true");
    assert.equal(await chain.node.programEdition("trust_verifier_v6.aleo"), undefined);
    assert.equal(existsSync(notePathOf("local", chain.directory)), false);
    assert.equal(await chain.acceptedCalls("trust_verifier_v5.aleo", "pause"), 1);
  });

  const note = notePathOf("local", chain.directory);
  const noteNames = (text: string) => {
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, text);
  };

  it("passes over a name that somebody else took with the same text, and says so", async () => {
    const taken = "trust_verifier_v6.aleo";
    noteNames(JSON.stringify({ [declared]: taken, "other.aleo": "other_v2.aleo" }));
    const copy = renamed(compiledProgram(declared), new Map([[declared, taken]]));
    await chain.deploy(bob, taken, copy);
    const { code, stdout, stderr } = await chain.run(alice, run);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /! trust_verifier_v6\.aleo is somebody else's: it was passed over/);
    assert.match(stdout, /✔ trust_verifier_v7\.aleo, the clean trust_verifier_v3\.aleo/);
    assert.equal(await pauseOf("trust_verifier_v7.aleo"), "true");
    assert.equal(await pauseOf(taken), undefined);
    // What an earlier run of other programs is to go on with stays.
    assert.deepEqual([...(await readNewNames(note))], [["other.aleo", "other_v2.aleo"]]);
  });

  it("sends nothing where the note of an earlier run is damaged, and names it", async () => {
    noteNames('{"trust_verifier_v3.aleo": ');
    const { code, stderr } = await chain.run(alice, run);
    assert.equal(code, 1);
    assert.ok(stderr.startsWith(`error: ${note} `), stderr);
    assert.match(stderr, /is damaged\.\n {2}What to do: Nothing was sent/);
    assert.equal(await chain.node.programEdition("trust_verifier_v8.aleo"), undefined);
    rmSync(note);
  });

  it("prints what leads to it, and that works", async () => {
    const old = "agent_registry_v3.aleo";
    const clean = "agent_registry_v4.aleo";
    const calls = registryCalls(old);
    const store = { BACKUP_STORE: join(chain.directory, "store") };
    await chain.deploy(admin, old);
    await chain.accepts(
      calls.register(bob, "1field"),
      calls.register(bob, "2field"),
      callsOf(old)(admin, "pause"),
    );
    const made = await chain.run(admin, ["emergency", "clean-slate", old, "--yes"]);
    assert.equal(made.code, 0, made.stderr);
    const printed = made.stdout.split("\n").flatMap((line) => {
      const [, words] = /^ {4}aleo-ops (.*)$/.exec(line) ?? [];
      return words === undefined ? [] : [words];
    });
    assert.deepEqual(
      printed.map((words) => words.split(" ", 1)[0]),
      ["reconstruct", "restore", "migrate", "unpause"],
    );
    const follow = async (
      command: string,
      words: Readonly<Record<string, string>>,
      ...more: string[]
    ) => {
      const line = printed.find((text) => text.startsWith(`${command} `)) ?? "";
      const args = line.split(" ").map((word) => words[word] ?? word);
      const { code, stdout, stderr } = await chain.run(admin, [...args, ...more], store);
      assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
      return stdout;
    };
    const at = String(await chain.node.latestHeight());
    const { id } = JSON.parse(await follow("reconstruct", { BLOCK: at }, "--json")) as {
      id: string;
    };
    const plan = await follow("restore", { ID: id }, "--dry-run");
    assert.match(plan, /1 × import_agents/);
    assert.match(await follow("migrate", {}), /all the same, and the totals add up/);
    assert.equal(
      await chain.node.mappingValue(clean, "agents", "2field"),
      await chain.node.mappingValue(old, "agents", "2field"),
    );
    const funded = await chain.run(admin, ["fund", clean, "--at-most", "10", "--yes"]);
    assert.equal(funded.code, 0, funded.stderr);
    await follow("unpause", {}, "--yes");
    assert.equal(await pauseOf(clean), "false");
  });

  it("of programs that import one another has their new names throughout", async () => {
    const importer = pausable("importer_v1").replace(
      "program importer_v1.aleo;",
      "import imported.aleo;\nprogram importer_v1.aleo;",
    );
    const sources: Record<string, string> = {
      "importer_v1.aleo": importer,
      "imported.aleo": pausable("imported"),
    };
    const { programs } = await cleanSlate(chain.payer(admin), {
      programs: Object.keys(sources),
      sourceOf: (id) => sources[id] ?? "",
      notePath: `${chain.directory}/note.json`,
      show: () => undefined,
    });
    assert.deepEqual(
      programs.map(({ to, paused }) => [to, paused]),
      [
        ["imported_v2.aleo", true],
        ["importer_v2.aleo", true],
      ],
    );
    const deployed = await chain.node.programSource("importer_v2.aleo");
    assert.match(deployed ?? "", /^import imported_v2\.aleo;/);
  });

  it("of a program without a pause is refused before anything is sent", async () => {
    const id = "agent_registry_v2.aleo";
    await assert.rejects(
      cleanSlate(chain.payer(admin), {
        programs: [id],
        sourceOf: compiledProgram,
        notePath: `${chain.directory}/refused.json`,
        show: () => undefined,
      }),
      (error: unknown) =>
        error instanceof CleanSlateError && error.remedy.includes("agent_registry_v3.aleo"),
    );
    assert.throws(() => readFileSync(`${chain.directory}/refused.json`));
  });
});
