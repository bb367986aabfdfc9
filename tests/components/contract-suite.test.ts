import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ContractSuiteArgs, DeployedProgramSummary } from "../../components/contract-suite.ts";
import { adder, pausable } from "../dynamic-providers/program-sources.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly parent: string | undefined;
  readonly protect: boolean;
  readonly dependsOn: readonly (string | undefined)[];
}

const programType = "pulumi-nodejs:dynamic/aleops:AleoProgram";
const settingType = "pulumi-nodejs:dynamic/aleops:ProgramSetting";

describe("ContractSuite", () => {
  const registered: Registered[] = [];
  const names = new Map<unknown, string>();

  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ inputs }) => {
        const declared = inputs as Record<string, unknown>;
        const program = /program (\S+);/.exec(String(declared.source))?.[1] ?? "";
        const found = {
          program,
          edition: 3,
          transaction: `at1-${program}`,
          paidFee: "12",
          address: `aleo1-${program}`,
        };
        return { id: `local/${program}`, state: { ...declared, ...found } };
      },
      call: () => ({}),
    });
  });

  beforeEach(() => {
    registered.length = 0;
    names.clear();
  });

  /** The mocks are not told a resource's options: a transformation, which its children inherit, is. */
  const record: pulumi.ResourceTransformation = ({ resource, type, name, props, opts }) => {
    names.set(resource, name);
    const { dependsOn = [] } = opts as { dependsOn?: unknown };
    registered.push({
      type,
      name,
      inputs: props,
      parent: names.get(opts.parent),
      protect: opts.protect ?? false,
      dependsOn: [dependsOn].flat().map((other) => names.get(other)),
    });
    return undefined;
  };

  async function suiteOf(
    ...programs: ContractSuiteArgs["programs"]
  ): Promise<DeployedProgramSummary[]> {
    const { ContractSuite } = await import("../../components/contract-suite.ts");
    const suite = new ContractSuite("contracts", { programs }, { transformations: [record] });
    return new Promise((resolve) => suite.programs.apply(resolve));
  }

  const find = (name: string) =>
    registered.find((one) => one.name === name) ?? assert.fail(`${name} is not registered`);

  it("declares each program as its own protected child, named after it", async () => {
    await suiteOf({ source: adder("one") }, { source: adder("two") });
    assert.equal(find("contracts").type, "aleops:contract:ContractSuite");
    assert.deepEqual(
      registered.filter(({ type }) => type === programType).map(({ name }) => name),
      ["contracts-one.aleo", "contracts-two.aleo"],
    );
    for (const { parent, protect, dependsOn } of registered.slice(1)) {
      assert.deepEqual([parent, protect, dependsOn], ["contracts", true, []]);
    }
    assert.equal(find("contracts-one.aleo").inputs.source, adder("one"));
  });

  it("makes a program depend on those that it imports, in whatever order they are given", async () => {
    const summaries = await suiteOf(
      { source: adder("top", ["middle.aleo", "credits.aleo", "deployed_before.aleo"]) },
      { source: adder("middle", ["bottom.aleo"]) },
      { source: adder("bottom") },
    );
    assert.deepEqual(find("contracts-top.aleo").dependsOn, ["contracts-middle.aleo"]);
    assert.deepEqual(find("contracts-middle.aleo").dependsOn, ["contracts-bottom.aleo"]);
    assert.deepEqual(
      summaries.map(({ program }) => program),
      ["bottom.aleo", "middle.aleo", "top.aleo"],
    );
  });

  it("manages the pause only where it is set", async () => {
    await suiteOf(
      { source: pausable("stopped"), paused: true },
      { source: pausable("running"), paused: false },
      { source: pausable("unmanaged") },
    );
    const settings = registered.filter(({ type }) => type === settingType);
    assert.deepEqual(
      settings.map(({ name }) => name),
      ["contracts-stopped.aleo-paused", "contracts-running.aleo-paused"],
    );
    const { inputs, parent, dependsOn, protect } = find("contracts-stopped.aleo-paused");
    assert.deepEqual(
      [parent, dependsOn, protect],
      ["contracts", ["contracts-stopped.aleo"], false],
    );
    const { program, mapping, key, value, function: called, arguments: given } = inputs;
    assert.deepEqual(
      [program, mapping, key, value, called, given],
      ["stopped.aleo", "paused", "0u8", "true", "pause", []],
    );
    const other = find("contracts-running.aleo-paused").inputs;
    assert.deepEqual([other.value, other.function], ["false", "unpause"]);
  });

  it("says of each program where it is and what it cost", async () => {
    assert.deepEqual(await suiteOf({ source: adder("one") }), [
      {
        program: "one.aleo",
        edition: 3,
        transaction: "at1-one.aleo",
        fee: "12",
        address: "aleo1-one.aleo",
      },
    ]);
  });

  const refusals: [what: string, programs: ContractSuiteArgs["programs"], text: RegExp][] = [
    [
      "one program twice",
      [{ source: adder("one") }, { source: adder("one") }],
      /^one\.aleo is declared twice\.\n {2}What to do: /,
    ],
    [
      "programs that import one another",
      [{ source: adder("one", ["two.aleo"]) }, { source: adder("two", ["one.aleo"]) }],
      /^These programs import one another in a circle: one\.aleo → two\.aleo → one\.aleo\.\n/,
    ],
    [
      "a source that does not parse",
      [{ source: "program one.aleo;\nfunction f\n" }],
      /^The program does not parse: line 3, /,
    ],
  ];
  for (const [what, programs, text] of refusals) {
    it(`refuses ${what} before it registers anything, with an error that Pulumi shows without a stack`, async () => {
      await assert.rejects(suiteOf(...programs), (error: Error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        assert.match(error.message, text);
        return true;
      });
      assert.deepEqual(registered, []);
    });
  }
});
