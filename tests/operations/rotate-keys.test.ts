import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PrivateKey } from "../../aleo/keys.ts";
import type { Account as Payer } from "../../operations/account.ts";
import { runOnStack } from "../../operations/deploy/stack.ts";
import { fileKeyStore, KeyStoreError, pulumiKeyStore } from "../../operations/keys/key-store.ts";
import { newPrivateKey } from "../../operations/keys/new-key.ts";
import { emptyAccount } from "../../operations/keys/empty-account.ts";
import { rotateKeys, type RotationReport } from "../../operations/keys/rotate.ts";
import { rotationText } from "../../operations/keys/rotation-text.ts";
import { stackSecrets } from "../../operations/keys/stack-secrets.ts";
import { alice, bob, stranger } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
import { fundedAccounts } from "../support/funded-accounts.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { liveChain } from "./live-chain.ts";

const program = "trust_verifier_v3.aleo";
const forEver = "trust_verifier_v2.aleo";

describe("A rotation of the operating key", function () {
  this.timeout(300_000);
  const chain = liveChain();
  const call = callsOf(program);
  const environment = () => ({ ALEO_NODE_URL: chain.url });
  const keyFile = join(chain.directory, "safe", "next.key");
  const rotate = ["rotate-keys", "--store", `file:${keyFile}`, "--yes"];
  const progressFile = () => join(chain.directory, ".state", "rotation", "local.json");
  const stackEnvironment = () => ({
    ...process.env,
    ...environment(),
    ALEO_PRIVATE_KEY: undefined,
  });
  const pulumi = async (...args: string[]) => {
    const run = await runOnStack(["pulumi", "--", ...args], {
      environment: stackEnvironment(),
      directory: chain.directory,
    });
    assert.equal(run.code, 0, run.output);
  };
  const secrets = () => stackSecrets("local", stackEnvironment(), chain.directory);
  let heldAtFirst = 0n;
  let paidByOthers = 0n;

  before(async function () {
    this.timeout(300_000);
    await chain.deploy(alice, program);
    await chain.deploy(alice, forEver);
    appendFileSync(
      join(chain.directory, "Pulumi.local.yaml"),
      `  aleo-ops:programs: [{ program: ${program} }, { program: ${forEver} }]\n`,
    );
    writeFileSync(
      join(chain.directory, "Pulumi.yaml"),
      "name: aleo-ops\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
    );
    await pulumi("stack", "init", "local");
    await secrets().set("aleo-ops:privateKey", alice.privateKey);
    heldAtFirst = await chain.node.balance(alice.address);
  });

  const entry = (mapping: string) => chain.node.mappingValue(program, mapping, "0u8");

  it("is not begun without saying where the new key is to be kept, nor without an answer", async () => {
    for (const [args, text] of [
      [["rotate-keys", "--yes"], /say with --store/],
      [["rotate-keys", "--store", "pulumi"], /there is no terminal/],
      [["rotate-keys", "--store", "drawer", "--yes"], /pulumi or file:PATH/],
    ] as const) {
      const { code, stderr } = await chain.run(alice, args, environment());
      assert.equal(code, 2, stderr);
      assert.match(stderr, text);
    }
    assert.equal(existsSync(progressFile()), false);
  });

  it("is not begun with a key that has nothing to hand over", async () => {
    const { code, stderr } = await chain.run(bob, rotate, environment());
    assert.equal(code, 1);
    assert.match(
      stderr,
      /has no rights to hand over: .*Set ALEO_PRIVATE_KEY to the key of the admin/s,
    );
    assert.equal(existsSync(progressFile()), false);
  });

  it("is not begun where nobody can see what the old key may do in a program", async () => {
    const also = ["--also", program, "--also", "unknown_program.aleo"];
    const { code, stderr } = await chain.run(alice, [...rotate, ...also], environment());
    assert.equal(code, 1);
    assert.match(stderr, /No node serves unknown_program\.aleo on local/);
    assert.equal(existsSync(progressFile()), false);
  });

  // Each run goes on where the one before was killed.
  const killed = (when: string, step: string) => {
    it(`is killed when ${when}, and leaves what it takes to go on`, async () => {
      await chain.killAt(step, alice, rotate, environment());
      assert.doesNotMatch(readFileSync(progressFile(), "utf8"), /APrivateKey1/);
    });
  };
  killed("it has begun", "renamed:rotation/local.json$");
  killed("the new key is kept and not noted", "rm:/safe/.unfinished-");
  killed("the first funds were sent", "answer:POST .*broadcast");
  killed("the program was offered", "rm:offered_admin");

  it("makes the offer again that somebody replaces meanwhile", async () => {
    const held = await chain.node.balance(alice.address);
    await chain.accepts(call(alice, "offer_admin", bob.address));
    paidByOthers = held - (await chain.node.balance(alice.address));
    assert.equal(await entry("offered_admin"), bob.address);
  });

  killed("the program was accepted", "rm:aleo-admin");
  killed("the chain refused the old key", "rm:refusal");
  killed("the old account was emptied", `rm:rotation-${alice.address}`);
  killed("all is done but its end", "rename:done.json$");

  it("is gone on with by the old key only", async () => {
    const { code, stderr } = await chain.run(bob, rotate, environment());
    assert.equal(code, 1);
    assert.match(stderr, /The rotation under way is that of aleo1s3ws/);
  });

  it("ends with the new key in the old one's place, each step done once", async () => {
    const { code, stdout, stderr } = await chain.run(alice, rotate, environment());
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /! trust_verifier_v2\.aleo stays with the old key: it has no offer_admin/);
    assert.match(
      stdout,
      /The key of aleo1s3ws\w+ has no power over trust_verifier_v3\.aleo any more; .* What stays with it is marked/,
    );
    assert.doesNotMatch(stdout + stderr, /APrivateKey1/);

    const to = /that of (aleo1\w+) has taken its place/.exec(stdout)?.[1] ?? "";
    assert.equal(await entry("admin"), to);
    assert.equal(await entry("offered_admin"), undefined);
    assert.equal(await chain.acceptedCalls(program, "accept_admin"), 1);
    // Ours, the one that replaced it, and ours again.
    assert.equal(await chain.acceptedCalls(program, "offer_admin"), 3);
    // Both transfers, and no third one.
    assert.equal(await chain.acceptedCalls("credits.aleo", "transfer_public"), 2);
    assert.equal(await chain.node.balance(alice.address), 0n);
    const held = await chain.node.balance(to);
    const paid = heldAtFirst - held - paidByOthers;
    assert.ok(paid < 110_000n, `${paid} microcredits of fees`);
    assert.equal(existsSync(progressFile()), false);
  });

  it("leaves the new key in the stack and where it was to be kept, and nowhere else", async () => {
    const key = (await secrets().get("aleo-ops:privateKey")) ?? "";
    assert.equal(readFileSync(keyFile, "utf8").trim(), key);
    const payer = chain.payer({ address: "", privateKey: key });
    assert.equal(await payer.builder.signer(), await entry("admin"));
    const file = readFileSync(join(chain.directory, "Pulumi.local.yaml"), "utf8");
    assert.doesNotMatch(file, /APrivateKey1/);
    for (const found of readdirSync(join(chain.directory, ".state"), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!found.isFile()) continue;
      const text = readFileSync(join(found.parentPath, found.name), "latin1");
      assert.ok(!text.includes(key) && !text.includes(alice.privateKey), found.name);
    }
  });

  it("leaves the old key refused by the chain, even when somebody pays for it", async () => {
    const [done] = readdirSync(join(chain.directory, ".state", "rotation"));
    const { refused } = JSON.parse(
      readFileSync(join(chain.directory, ".state", "rotation", done ?? ""), "utf8"),
    ) as { refused: Record<string, string> };
    const seen = await chain.node.confirmedTransaction(refused[program] ?? "");
    assert.equal(seen?.status, "rejected");
    const transfer = callsOf("credits.aleo");
    await chain.accepts(transfer(stranger, "transfer_public", alice.address, "1000000u64"));
    await assert.rejects(chain.accepts(call(alice, "pause")), /rejected/);
  });

  it("goes on after a kill, with the new key in the stack alone, to its end", async () => {
    const next = "aleo-ops-rotation:nextPrivateKey";
    const holder = { address: "", privateKey: readFileSync(keyFile, "utf8").trim() };
    const again = ["rotate-keys", "--store", "pulumi", "--yes"];
    await chain.killAt("answer:POST .*broadcast", holder, again, environment());
    const key = (await secrets().get(next)) ?? "";
    await assert.rejects(
      pulumiKeyStore(secrets()).write(new PrivateKey(bob.privateKey, "a test")),
      KeyStoreError,
    );
    const file = readFileSync(join(chain.directory, "Pulumi.local.yaml"), "utf8");
    assert.match(file, /aleo-ops-rotation:nextPrivateKey:\n +secure: /);
    await chain.killAt("rename:done.json$", holder, again, environment());
    assert.equal(await secrets().get(next), undefined);
    const { code, stdout, stderr } = await chain.run(holder, again, environment());
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await secrets().get("aleo-ops:privateKey"), key);
    const to = await chain.payer({ address: "", privateKey: key }).builder.signer();
    assert.equal(await entry("admin"), to);
    assert.match(stdout, new RegExp(`that of ${to} has taken its place`));
  });
});

/** Anybody may offer it, whoever its admin is. */
const careless = `program careless_admin.aleo;

mapping admin:
    key as u8.public;
    value as address.public;

mapping offered_admin:
    key as u8.public;
    value as address.public;

function offer_admin:
    input r0 as address.public;
    async offer_admin r0 into r1;
    output r1 as careless_admin.aleo/offer_admin.future;

finalize offer_admin:
    input r0 as address.public;
    set r0 into offered_admin[0u8];

function accept_admin:
    async accept_admin self.caller into r0;
    output r0 as careless_admin.aleo/accept_admin.future;

finalize accept_admin:
    input r0 as address.public;
    set r0 into admin[0u8];

constructor:
    assert.eq edition 0u16;
`;

describe("A rotation where not all goes well", function () {
  this.timeout(120_000);
  const chain = liveChain();
  const id = "careless_admin.aleo";
  const laterId = "careless_admin_v2.aleo";

  interface Circumstances {
    /** Empty before the first run. */
    readonly directory?: string;
    readonly programs?: readonly string[];
    /** Whose key the stack holds; the new key after it was set. */
    readonly holder: { privateKey: string };
    /** What is done to the stack. */
    readonly steps?: string[];
    /** Is told each step before it is done, and may throw. */
    readonly before?: (step: string) => Promise<void> | void;
    /** Another builder for the new account. */
    readonly builderOf?: (account: Payer) => Payer["builder"];
  }

  let rotations = 0;
  const directory = () => join(chain.directory, String(++rotations));
  const rotation = (old: Payer, circumstances: Circumstances): Promise<RotationReport> => {
    const { programs = [], holder, steps = [], before, builderOf } = circumstances;
    const { directory: kept = directory() } = circumstances;
    const does = async (step: string, what: () => void = () => undefined) => {
      await before?.(step);
      what();
      steps.push(step);
      await before?.(`${step} is done`);
    };
    return rotateKeys({
      old,
      programs,
      accountOf: (key) => {
        const account = { ...old, ...chain.payer({ address: "", privateKey: key.reveal() }) };
        return builderOf === undefined ? account : { ...account, builder: builderOf(account) };
      },
      storeName: "file:next",
      store: { ...fileKeyStore(join(kept, "next.key")), release: () => does("release") },
      secrets: {
        stack: "local",
        get: () => Promise.resolve(holder.privateKey),
        set: (key, value) => does(`set ${key}`, () => (holder.privateKey = value)),
        remove: () => Promise.resolve(),
        up: () => does("up"),
      },
      stackHoldsKey: true,
      clusterSecret: "stack",
      path: join(kept, "rotation.json"),
      show: () => undefined,
    });
  };
  const everywhere = ["set aleo-ops:privateKey", "up", "release"];

  it("is not begun where it could not be paid to its end", async () => {
    const poor = { address: "", privateKey: (await newPrivateKey("local")).reveal() };
    await assert.rejects(
      rotation(chain.payer(poor), { holder: poor }),
      /holds 0 credits; the rotation needs 1\.1 credits/,
    );
    assert.equal(existsSync(join(chain.directory, "1")), false);
  });

  it("says of each program that does not ask who calls that the old key still works, a later version that nobody declares included", async () => {
    for (const program of [id, laterId]) {
      await chain.deploy(stranger, program, careless.replaceAll(id, program));
      await chain.accepts(callsOf(program)(bob, "accept_admin"));
    }
    const steps: string[] = [];
    const report = await rotation(chain.payer(bob), {
      ...{ programs: [id], holder: { ...bob }, steps },
    });
    assert.deepEqual(steps, everywhere);
    assert.equal(report.code, 3, report.problem);
    for (const program of [id, laterId]) {
      assert.match(
        rotationText(report, "local"),
        new RegExp(`✖ the old key could still call ${program}`),
      );
      assert.equal(await chain.node.mappingValue(program, "admin", "0u8"), report.to);
    }
    assert.doesNotMatch(rotationText(report, "local"), /no power over/);
  });

  it("replaces the key that pays, though it has no rights", async () => {
    const old = chain.payer(stranger);
    const programs = [id];
    await assert.rejects(
      rotation(old, { programs, holder: { ...alice } }),
      /has no rights to hand over/,
    );
    const steps: string[] = [];
    const report = await rotation(old, { programs, holder: { ...stranger }, steps });
    assert.equal(report.code, 0, report.problem);
    assert.deepEqual(steps, everywhere);
    assert.match(
      rotationText(report, "local"),
      /! the admin of careless_admin\.aleo is aleo1\w+: not handed/,
    );
  });

  it("leaves the key of another account in the stack and the cluster", async () => {
    const steps: string[] = [];
    const report = await rotation(chain.payer(alice), { holder: { ...bob }, steps });
    assert.equal(report.code, 0, report.problem);
    assert.deepEqual(steps, ["release"]);
    assert.match(
      rotationText(report, "local"),
      /the stack local holds the key of another account: it stays/,
    );
    assert.match(
      rotationText(report, "local"),
      /the cluster's Secret holds the key of another account/,
    );
  });

  it("leaves nothing on the old account before it needs Pulumi, and goes on where that fails", async () => {
    const payer = (await fundedAccounts())[10] ?? bob;
    const [set, up] = everywhere;
    const circumstances = { directory: directory(), holder: { ...payer }, steps: [] as string[] };
    // Too low: a transfer of all but that could not pay its fee.
    const old = chain.payer(payer);
    const { builder } = old;
    const hopeful = {
      ...builder,
      estimateExecution: async (request: Parameters<typeof builder.estimateExecution>[0]) =>
        (await builder.estimateExecution(request)) - 100n,
    };
    for (const stopped of [set, `${set} is done`, up, `${up} is done`, "release is done"]) {
      const before = async (step: string) => {
        assert.equal(await chain.node.balance(payer.address), 0n);
        if (step === stopped) throw new Error(`killed at ${step}`);
      };
      await assert.rejects(
        rotation({ ...old, builder: hopeful }, { ...circumstances, before }),
        new RegExp(`killed at ${stopped}$`),
      );
    }
    const report = await rotation(old, circumstances);
    assert.equal(report.code, 0, report.problem);
    const payerOf = chain.payer({ address: "", privateKey: circumstances.holder.privateKey });
    assert.equal(await payerOf.builder.signer(), report.to);
    assert.equal(existsSync(join(circumstances.directory, "rotation.json")), false);
  });

  describe("because somebody else has the old key as well", () => {
    const call = callsOf(program);
    const admin = () => chain.node.mappingValue(program, "admin", "0u8");
    const offers = () => chain.acceptedCalls(program, "offer_admin");
    let holder = bob;
    let kept = "";

    /** Lets the thief act right before the new account's acceptance is sent. */
    const rotationAgainst = (thief: (old: Payer, attempt: number) => Promise<void>) => {
      const old = chain.payer(holder);
      let attempts = 0;
      kept = directory();
      return rotation(old, {
        ...{ programs: [program], holder: { ...holder }, directory: kept },
        builderOf: ({ builder }) => ({
          ...builder,
          execution: async (request) => {
            const transaction = await builder.execution(request);
            if (request.functionName === "accept_admin") await thief(old, ++attempts);
            return transaction;
          },
        }),
      });
    };

    before(async () => {
      holder = (await fundedAccounts())[11] ?? bob;
      await chain.deploy(holder, program);
    });

    it("gives up for the time being where its offer is replaced each time", async () => {
      const report = await rotationAgainst(() =>
        chain.accepts(call(holder, "offer_admin", stranger.address)),
      );
      assert.equal(report.code, 4);
      assert.match(report.problem ?? "", /could not be handed over in 5 tries: The chain rejected/);
      assert.equal(await admin(), holder.address);
    });

    it("gets there after its offer was replaced, and without what was stolen of the fees", async () => {
      const offered = await offers();
      const report = await rotationAgainst(async (old, attempt) => {
        if (attempt === 1) await chain.accepts(call(holder, "offer_admin", stranger.address));
        else await emptyAccount(old, holder.address, stranger.address);
      });
      assert.equal(report.code, 0, report.problem);
      assert.equal(await admin(), report.to);
      assert.match(
        rotationText(report, "local"),
        /! the old account could not pay for the call of trust/,
      );
      assert.equal(await offers(), offered + 3);
      const privateKey = readFileSync(join(kept, "next.key"), "utf8").trim();
      holder = { address: report.to ?? "", privateKey };
    });

    it("says who took the program over, and saves what else there is", async () => {
      const transfer = callsOf("credits.aleo");
      await chain.accepts(transfer(stranger, "transfer_public", holder.address, "2000000u64"));
      const report = await rotationAgainst(() =>
        chain.accepts(
          call(holder, "offer_admin", stranger.address),
          call(stranger, "accept_admin"),
        ),
      );
      assert.equal(report.code, 3, report.problem);
      assert.match(
        rotationText(report, "local"),
        new RegExp(`✖ the admin of ${program} is ${stranger.address} by now`),
      );
      assert.equal(await chain.node.balance(holder.address), 0n);
    });
  });
});

describe("A key's place", () => {
  const directory = temporaryDirectory("keys");
  after(() => {
    directory.remove();
  });
  const key = new PrivateKey(alice.privateKey, "a test");

  it("that is a file can be read by its owner only, and is never written over", async () => {
    const path = join(directory.path, "new", "mainnet.key");
    const store = fileKeyStore(path);
    assert.equal(await store.read(), undefined);
    await store.write(key);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal((await store.read())?.reveal(), alice.privateKey);
    await assert.rejects(
      store.write(new PrivateKey(bob.privateKey, "a test")),
      (error: unknown) => error instanceof KeyStoreError && error.message.includes("already"),
    );
    assert.equal((await store.read())?.reveal(), alice.privateKey);
  });

  it("that others can read is refused", async () => {
    const path = join(directory.path, "open.key");
    writeFileSync(path, alice.privateKey, { mode: 0o644 });
    await assert.rejects(fileKeyStore(path).read(), /can be read by others/);
  });
});
