import assert from "node:assert/strict";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { ledgerAt, payingAddress, payingKey } from "./ledger.ts";
import { counter, pausable } from "./program-sources.ts";
import { localConfig, startRun, type ProviderRun } from "./provider-run.ts";

const program = "setting_test.aleo";
const source = pausable("setting_test");

interface Declared {
  readonly program: string;
  readonly mapping: string;
  readonly key: string;
  readonly value: string;
  readonly function: string;
  readonly arguments: readonly string[];
}

const paused = (value: boolean): Declared => ({
  program,
  mapping: "paused",
  key: "0u8",
  value: String(value),
  function: value ? "pause" : "unpause",
  arguments: [],
});

const limit = (value: string): Declared => ({
  program,
  mapping: "limits",
  key: "1u8",
  value,
  function: "set_limit",
  arguments: ["1u8", value],
});

describe("a setting of a program as a resource", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  const ledger = ledgerAt(() => devnode.url);
  let project: PulumiProject;

  const stack = (...settings: Declared[]) => `
import { ProgramSetting } from "./dynamic-providers/program-setting.ts";
export const settings: Record<string, ProgramSetting> = {};
${settings.map((args) => `settings.${args.mapping} = new ProgramSetting("${args.mapping}", ${JSON.stringify(args)});`).join("\n")}
`;

  before(async () => {
    assert.equal(await ledger.deploy(source), "accepted");
    project = await createPulumiProject({
      program: stack(paused(true), limit("5u64")),
      config: localConfig(devnode.url),
      env: { ALEO_PRIVATE_KEY: payingKey },
    });
  });
  after(() => {
    project.dispose();
  });

  async function up(): Promise<{ stdout: string; taken: bigint }> {
    const before = await ledger.balance(payingAddress);
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    return { stdout, taken: before - (await ledger.balance(payingAddress)) };
  }

  type Outputs = Record<string, { transaction: string; estimatedFee: string; paidFee: string }>;
  const outputs = async () => (await project.outputs()).settings as Outputs;

  it("calls the function for each entry that has another value, for what was estimated", async () => {
    const { taken } = await up();
    assert.equal(await ledger.entry(program, "paused", "0u8"), "true");
    assert.equal(await ledger.entry(program, "limits", "1u8"), "5u64");
    const settings = Object.values(await outputs());
    const fees = await Promise.all(settings.map(({ transaction }) => ledger.feeOf(transaction)));
    assert.deepEqual(
      settings.map(({ estimatedFee }) => BigInt(estimatedFee)),
      fees,
    );
    assert.deepEqual(
      settings.map(({ paidFee }) => BigInt(paidFee)),
      fees,
    );
    assert.equal(
      taken,
      fees.reduce((sum, fee) => sum + fee, 0n),
    );
  });

  it("shows an entry that was changed by hand, and brings it back", async () => {
    assert.equal((await project.refreshCheck()).code, 0);
    assert.equal(await ledger.call(program, "set_limit", ["1u8", "6u64"]), "accepted");
    const drift = await project.pulumi([
      ...["refresh", "--preview-only", "--expect-no-changes", "--diff"],
      ...["--stack", project.stack],
    ]);
    assert.equal(drift.code, 7, drift.stdout + drift.stderr);
    assert.match(drift.stdout, /~ value +: "5u64" => "6u64"/);
    const args = ["up", "--yes", "--skip-preview", "--refresh", "--stack", project.stack];
    const { code, stdout, stderr } = await project.pulumi(args);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await ledger.entry(program, "limits", "1u8"), "5u64");
  });

  it("is changed, and not paid for where the entry was found as wanted", async () => {
    assert.equal(await ledger.call(program, "set_limit", ["1u8", "7u64"]), "accepted");
    project.write(stack(paused(false), limit("7u64")));
    const { taken } = await up();
    assert.equal(await ledger.entry(program, "paused", "0u8"), "false");
    assert.equal(await ledger.entry(program, "limits", "1u8"), "7u64");
    const { paused: pausing, limits } = await outputs();
    assert.equal(taken, BigInt(pausing?.paidFee ?? "0"));
    assert.notEqual(taken, 0n);
    assert.deepEqual([limits?.transaction, limits?.paidFee], ["", "0"]);
  });

  it("is changed back; the entry stays where the resource is deleted", async () => {
    project.write(stack(paused(true)));
    const { stdout } = await up();
    assert.match(stdout, /setting_test\.aleo\/limits\[1u8\] keeps its value on chain/);
    assert.equal(await ledger.entry(program, "paused", "0u8"), "true");
    assert.equal(await ledger.entry(program, "limits", "1u8"), "7u64");
  });

  describe("at preview", () => {
    const upgraded = counter("setting_upgrade", "1u64");
    let run: ProviderRun;

    before(async () => {
      assert.equal(await ledger.deploy(upgraded), "accepted");
      run = startRun({
        config: localConfig(devnode.url),
        env: { ALEO_PRIVATE_KEY: payingKey },
      });
    });
    after(() => {
      run.end();
    });

    const refusals: [what: string, changed: Partial<Declared>, text: RegExp][] = [
      [
        "a misspelt program id",
        { program: "seting_test.aleo" },
        /^seting_test\.aleo is neither declared in this stack nor deployed on local\.\n {2}What to do: Check the program id/,
      ],
      [
        "a program id that is none",
        { program: "Setting Test" },
        /^"Setting Test" is no program id: it does not end in \.aleo\.\n/,
      ],
      [
        "a mapping that is not there",
        { mapping: "limit" },
        /^setting_test\.aleo has no mapping limit\.\n {2}What to do: It has: paused, limits\.$/,
      ],
      [
        "a function that is not there",
        { function: "setLimit" },
        /^setting_test\.aleo has no function setLimit\.\n {2}What to do: It has: pause, unpause, set_limit\.$/,
      ],
      [
        "too few arguments",
        { arguments: ["1u8"] },
        /^setting_test\.aleo\/set_limit takes 2 inputs; 1 are given\.\n {2}What to do: Give: u8\.public, u64\.public\.$/,
      ],
      [
        "a key of another type",
        { key: "1u16" },
        /^The key of setting_test\.aleo\/limits is "1u16", which is no u8\.\n/,
      ],
      [
        "a value that the type does not hold",
        { value: "99999999999999999999u64" },
        /^The value of setting_test\.aleo\/limits is "99999999999999999999u64", which is no u64\.\n/,
      ],
      [
        "an argument without its type",
        { arguments: ["1u8", "7"] },
        /^Argument 2 of setting_test\.aleo\/set_limit is "7", which is no u64\.\n/,
      ],
    ];
    for (const [what, changed, text] of refusals) {
      it(`refuses ${what}`, async () => {
        assert.match(await run.setting.refusal({ ...limit("8u64"), ...changed }), text);
      });
    }

    it("proposes the program of the stack that a misspelt id is near to", async () => {
      await run.program.checked(source);
      assert.match(
        await run.setting.refusal({ ...limit("8u64"), program: "seting_test.aleo" }),
        /What to do: Did you mean setting_test\.aleo\?$/,
      );
    });

    it("takes a function that comes with an upgrade in the same run", async () => {
      const more = pausable("setting_upgrade")
        .replace(/^program .*\n/, "")
        .replace(/\nconstructor:[^]*$/, "");
      await run.program.checked(
        upgraded.replace("\nconstructor:", `${more}\nconstructor:`),
        await known(upgraded),
      );
      const wanted = { ...paused(true), program: "setting_upgrade.aleo" };
      assert.equal((await run.setting.checked(wanted)).estimatedFee, undefined);
    });

    /** What an earlier run that adopted the program keeps of it. */
    async function known(text: string) {
      const earlier = startRun({ config: localConfig(devnode.url) });
      try {
        return await earlier.program.checked(text);
      } finally {
        earlier.end();
      }
    }
  });
});
