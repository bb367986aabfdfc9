import assert from "node:assert/strict";
import { Account } from "@provablehq/sdk/testnet.js";
import { scratchDevnode } from "../support/devnode.ts";
import {
  createPulumiProject,
  type CommandResult,
  type PulumiProject,
} from "../support/pulumi-project.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { ledgerAt, payingAddress, payingKey } from "./ledger.ts";
import { adder } from "./program-sources.ts";
import { localConfig, startRun, type ProviderRun } from "./provider-run.ts";
import { declaring, suiteOf } from "./stack-programs.ts";

const kept = adder("refusal_kept");
const fresh = adder("refusal_fresh");

describe("before anything is paid", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  const ledger = ledgerAt(() => devnode.url);
  let balance: bigint;

  before(async () => {
    assert.equal(await ledger.deploy(kept), "accepted");
    balance = await ledger.balance(payingAddress);
  });

  afterEach(async () => {
    assert.equal(await ledger.balance(payingAddress), balance, "something was paid");
  });

  describe("up", () => {
    let project: PulumiProject;
    let state: string;

    before(async () => {
      project = await createPulumiProject({
        program: declaring({ kept }),
        config: localConfig(devnode.url),
        env: { ALEO_PRIVATE_KEY: payingKey },
      });
      const { code, stdout, stderr } = await project.up();
      assert.equal(code, 0, stdout + stderr);
      state = await resources();
    });
    after(() => {
      project.dispose();
    });

    const resources = async () =>
      JSON.stringify(
        (await project.exportState()).deployment.resources?.map(({ urn, id, outputs }) => ({
          urn,
          id,
          edition: outputs?.edition,
          transaction: outputs?.transaction,
        })),
      );

    /** Runs `up`, which has to fail with an error that a person can read and to leave the state as it was. */
    async function refused(program: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
      project.write(program);
      const { code, stdout, stderr }: CommandResult = await project.pulumi(
        ["up", "--yes", "--stack", project.stack],
        { env },
      );
      const text = stdout + stderr;
      assert.notEqual(code, 0, text);
      assert.doesNotMatch(text, /^ +at .*:\d+:\d+\)?$/m, "a stack trace");
      assert.match(text, /What to do: /);
      assert.equal(text.match(/^ +error: /gm)?.length, 1, text);
      assert.equal(await resources(), state);
      return text;
    }

    it("refuses an account that can't pay, says what is missing and where testnet credits come from", async () => {
      const account = new Account();
      const text = await refused(declaring({ kept, fresh }), {
        ALEO_PRIVATE_KEY: account.privateKey().to_string(),
      });
      const address = account.address().to_string();
      const shortage = new RegExp(
        `${address} holds 0 credits; refusal_fresh\\.aleo needs? ([0-9.]+) credits: ([0-9.]+) credits are missing\\.`,
      ).exec(text);
      assert.ok(shortage, text);
      assert.equal(shortage[1], shortage[2]);
      assert.match(text, /Get testnet credits from https:\/\/faucet\.aleo\.org/);
    });

    it("refuses one program that two resources declare", async () => {
      const text = await refused(declaring({ kept, again: kept }));
      assert.match(text, /has a problem: refusal_kept\.aleo is declared twice in this stack/);
    });

    it("refuses programs of a suite that import one another in a circle", async () => {
      const text = await refused(
        suiteOf([
          { source: adder("refusal_one", ["refusal_two.aleo"]) },
          { source: adder("refusal_two", ["refusal_one.aleo"]) },
        ]),
      );
      assert.match(
        text,
        /import one another in a circle: refusal_one\.aleo → refusal_two\.aleo → refusal_one\.aleo/,
      );
    });

    it("refuses a suite with a source that does not parse, and names the line", async () => {
      const text = await refused(suiteOf([{ source: fresh.replace("r0 as u64", "r0 is u64") }]));
      assert.match(text, /The program does not parse: line 4, column 14: /);
    });
  });

  describe("the check", () => {
    const runs: ProviderRun[] = [];
    const cache = temporaryDirectory("cache");
    const start = (config: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}) => {
      const run = startRun({
        config: { ...localConfig(devnode.url), ...config },
        env: { ALEO_PRIVATE_KEY: payingKey, XDG_CACHE_HOME: cache.path, ...env },
      });
      runs.push(run);
      return run;
    };
    afterEach(() => {
      for (const run of runs.splice(0)) run.end();
    });
    after(() => {
      cache.remove();
    });

    it("refuses a private key that has not the form of one, and does not show it", async () => {
      const text = await start({}, { ALEO_PRIVATE_KEY: "APrivateKey1zkp8CZ" }).program.refusal(
        fresh,
      );
      assert.match(
        text,
        /^The private key in the environment variable ALEO_PRIVATE_KEY is not an Aleo private key: .* 18 characters\.\n {2}What to do: /,
      );
      assert.doesNotMatch(text, /zkp8CZ/);
    });

    it("refuses a mistyped private key, and does not show it", async () => {
      const mistyped = payingKey.replace("1zkp2R", "1zkq2R");
      const text = await start({}, { ALEO_PRIVATE_KEY: mistyped }).program.refusal(fresh);
      assert.match(text, /^The private key .*mistyped.*\n {2}What to do: .*ALEO_PRIVATE_KEY/);
      assert.doesNotMatch(text, /zkq/);
    });

    it("refuses a name that another program has", async () => {
      const text = await start().program.refusal(kept.replace("1u64", "2u64"));
      assert.match(
        text,
        /^The name refusal_kept\.aleo is taken: aleo1\w{58} deployed another program under it \(edition 0\)\.\n {2}What to do: Give your program another name\./,
      );
    });

    it("refuses a source that does not parse, and names the line", async () => {
      assert.match(
        await start().program.refusal(fresh.replace("add r0", "add r7000000000000000000000")),
        /^The program does not parse: line 5, column \d+: .*\n {2}What to do: Correct the source at line 5/,
      );
    });

    it("refuses a program that the chain's own compiler refuses", async () => {
      assert.match(
        await start().program.refusal(fresh.replace("add r0 1u64", "add r0 1u32")),
        /^Building the deployment of refusal_fresh\.aleo failed: .*\n {2}What to do: Nothing was sent\./,
      );
    });

    it("refuses a program over the chain's size", async () => {
      const statements = Array.from(
        { length: 60_000 },
        (_, index) => `add r0 18446744073709551614u64 into r${index + 2};`,
      );
      assert.match(
        await start().program.refusal(
          fresh.replace("    output", `${statements.join("\n")}output`),
        ),
        /the program has 2\d{6} bytes, the chain takes at most 2048000\.\n/,
      );
    });

    it("refuses what the chain takes in no program, each with its line", async () => {
      const source = fresh
        .replace(/\nconstructor:[^]*/, "")
        .replace("refusal_fresh", "fresh_aleo_x");
      assert.equal(
        await start().program.refusal(source),
        [
          "The chain would refuse fresh_aleo_x.aleo:",
          "  line 1: The program has no constructor: every new program needs one, which says who can upgrade it. [constructor-missing]",
          '  line 1: The program name fresh_aleo_x holds the reserved word "aleo". [name-reserved]',
          "  What to do: Correct these lines.",
        ].join("\n"),
      );
    });

    it("refuses an import that is neither declared nor deployed, and proposes the one that is near", async () => {
      const run = start();
      assert.match(
        await run.program.refusal(adder("importer", ["library.aleo"])),
        /^importer\.aleo imports library\.aleo \(line 1\), which is neither declared nor deployed\.\n {2}What to do: Declare library\.aleo too, or deploy it first\.$/,
      );
      await run.program.checked(fresh);
      assert.match(
        await run.program.refusal(adder("importer", ["refusal_frehs.aleo"])),
        /What to do: Did you mean refusal_fresh\.aleo\?/,
      );
    });

    it("refuses a fee over maxFee", async () => {
      const text = await start({ maxFee: "1000" }).program.refusal(fresh);
      assert.match(
        text,
        /^refusal_fresh\.aleo would cost [0-9.]+ credits, over the limit of 0\.001 credits that aleo-ops:maxFee sets\.\n/,
      );
      assert.match(text, /raise aleo-ops:maxFee to at least \d{7} knowingly/);
    });

    it("counts the priority fee to the fee", async () => {
      const run = start();
      const base = BigInt((await run.program.checked(fresh)).estimatedFee ?? "");
      const text = await start({ maxFee: String(base + 9n), priorityFee: "10" }).program.refusal(
        fresh,
      );
      assert.match(text, new RegExp(`to at least ${base + 10n} knowingly`));
    });

    it("refuses an ALEO_NETWORK that contradicts the stack", async () => {
      assert.match(
        await start({}, { ALEO_NETWORK: "mainnet" }).program.refusal(fresh),
        /^ALEO_NETWORK is "mainnet", but .* is for the network "local"\.\n {2}What to do: Unset ALEO_NETWORK/,
      );
    });

    it("prices a program without a private key, and refuses to pay without one", async () => {
      const run = start({}, { ALEO_PRIVATE_KEY: undefined });
      await assert.rejects(
        run.program.create(fresh),
        /There is no private key to pay for refusal_fresh\.aleo\.\n {2}What to do: Set the environment variable ALEO_PRIVATE_KEY/,
      );
    });

    it("refuses an upgrade that somebody else made meanwhile", async () => {
      const known = await start().program.checked(kept);
      assert.equal(await ledger.upgrade(kept.replace("1u64", "3u64")), "accepted");
      assert.match(
        await start().program.refusal(kept.replace("1u64", "2u64"), known),
        /^refusal_kept\.aleo was changed on chain besides this stack: edition 1 by aleo1\w{58} in transaction at1\w+\. .*\n {2}What to do: Find out who did it/,
      );
    });
  });
});
