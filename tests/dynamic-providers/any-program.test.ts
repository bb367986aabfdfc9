import assert from "node:assert/strict";
import { Program } from "@provablehq/sdk/testnet.js";
import { developmentKey } from "../../local/development-account.ts";
import { sample } from "../aleo/program/oracle.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject } from "../support/pulumi-project.ts";
import { ledgerAt } from "./ledger.ts";
import { adder } from "./program-sources.ts";
import { localConfig, startRun, type ProviderRun } from "./provider-run.ts";
import { suiteOf } from "./stack-programs.ts";

/** A sample with what the chain refuses beyond its parser changed; each text has to be found. */
function deployable(name: string, ...changes: [from: string | RegExp, to: string][]): string {
  return changes.reduce((source, [from, to]) => {
    const next = source.replaceAll(from, to);
    if (next === source) throw new Error(`${name} has no ${String(from)}`);
    return next;
  }, sample(name));
}

const libraries = Array.from({ length: 4 }, (_, index) => `library_0${index}`);
const library = (name: string) =>
  `program ${name}.aleo;

function step:
    input r0 as u64.public;
    add r0 1u64 into r1;
    output r1 as u64.public;

constructor:
    assert.eq true true;
`;

const otherProgram = `program other_program.aleo;

struct point:
    x as field;
    y as field;

record token:
    owner as address.private;
    amount as u64.private;

mapping balances:
    key as field.public;
    value as u64.public;

function f:
    input r0 as u64.public;

constructor:
    assert.eq true true;
`;

const withStruct = (name: string, struct: string) =>
  `program ${name}.aleo;\n\nstruct ${struct}:\n    width as u64;\n\nfunction f:\n    input r0 as ${struct}.public;\n\nconstructor:\n    assert.eq true true;\n`;

const programs: [what: string, source: string][] = [
  ["a constructor that asks a mapping", sample("checksum_upgrade.aleo")],
  ["records, structs, closures and calls of credits.aleo", sample("token.aleo")],
  ["30 functions", deployable("thirty_functions.aleo", [".constant", ".public"])],
  ["a library", otherProgram],
  ...libraries.map((name): [string, string] => [`import ${name}`, library(name)]),
  [
    "many imports",
    deployable(
      "many_imports.aleo",
      [/^(import| {4}call) library_(?!0[0-3]).*\n/gm, ""],
      ["output r64 as", "output r4 as"],
    ),
  ],
  ["an import with a struct", withStruct("geometry", "rectangle")],
  ["another import with a struct", withStruct("shapes", "mark")],
  [
    "nested structs and arrays, own and imported",
    deployable("nested.aleo", [
      /constructor:[^]*$/g,
      "constructor:\n    assert.eq edition 0u16;\n",
    ]),
  ],
  [
    "dynamic calls, views and foreign mappings",
    deployable("dynamic.aleo", ["[self.caller]", "[r0]"]),
  ],
];

describe("any program that the ledger takes", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  const ledger = ledgerAt(() => devnode.url);
  let run: ProviderRun;

  before(() => {
    run = startRun({
      // A name of six letters costs 10,000 credits.
      config: { ...localConfig(devnode.url), maxFee: "20000000000" },
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
  });
  after(() => {
    run.end();
  });

  for (const [what, source] of programs) {
    it(`is deployed as it is: ${what}`, async () => {
      const {
        edition,
        estimatedFee,
        paidFee,
        address,
        interface: shown,
      } = await run.program.create(source);
      assert.equal(edition, 0);
      assert.equal(estimatedFee, paidFee);
      assert.ok(await ledger.holdsChecksumOf(source, 0));
      const chain = Program.fromString(await ledger.source(shown.program));
      assert.equal(shown.program, chain.id());
      assert.deepEqual(Object.keys(shown.functions), (chain.getFunctions() as string[]).sort());
      assert.deepEqual(
        Object.keys(shown.mappings),
        (chain.getMappings() as { name: string }[]).map(({ name }) => name).sort(),
      );
      assert.deepEqual(shown.imports, (chain.getImports() as string[]).sort());
      assert.equal(address, chain.address().to_string());
    });
  }

  it("is priced and upgraded together with a library that it needs the upgrade of", async () => {
    const calling = (name: string, called: string) =>
      adder(name, ["shared_library.aleo"]).replace(
        "add r0 1u64 into r1;",
        `call shared_library.aleo/${called} r0 into r1;`,
      );
    const upgraded = adder("shared_library").replace(
      "constructor:",
      "function twice:\n    input r0 as u64.public;\n    add r0 r0 into r1;\n    output r1 as u64.public;\n\nconstructor:",
    );
    const shared = await run.program.create(adder("shared_library"));
    const user = await run.program.create(calling("shared_user", "plus"));
    const next = startRun({
      config: localConfig(devnode.url),
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
    try {
      const sharedInputs = await next.program.checked(upgraded, shared);
      const userInputs = await next.program.checked(calling("shared_user", "twice"), user);
      const sharedNow = await next.program.update(sharedInputs, shared);
      const userNow = await next.program.update(userInputs, user);
      assert.deepEqual([sharedNow.edition, userNow.edition], [1, 1]);
      assert.equal(userNow.paidFee, userNow.estimatedFee);
    } finally {
      next.end();
    }
  });

  it("is deployed after what it imports, in whatever order a suite declares them", async () => {
    const project = await createPulumiProject({
      program: suiteOf([
        { source: adder("order_top", ["order_middle.aleo", "order_bottom.aleo"]) },
        { source: adder("order_middle", ["order_bottom.aleo", "credits.aleo"]) },
        { source: adder("order_bottom") },
      ]),
      config: localConfig(devnode.url),
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
    try {
      const { code, stdout, stderr } = await project.up();
      assert.equal(code, 0, stdout + stderr);
      const outputs = (await project.outputs()).programs as {
        program: string;
        transaction: string;
      }[];
      assert.deepEqual(
        outputs.map(({ program }) => program),
        ["order_bottom.aleo", "order_middle.aleo", "order_top.aleo"],
      );
      const heights = await Promise.all(
        outputs.map(({ transaction }) => ledger.heightOf(transaction)),
      );
      assert.deepEqual(
        heights,
        heights.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(heights).size, 3);
    } finally {
      project.dispose();
    }
  });
});
