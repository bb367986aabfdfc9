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
import type { Account } from "../../operations/account.ts";
import { runOnStack } from "../../operations/deploy/stack.ts";
import { fileKeyStore, KeyStoreError, pulumiKeyStore } from "../../operations/keys/key-store.ts";
import { newPrivateKey } from "../../operations/keys/new-key.ts";
import { rotateKeys, rotationText } from "../../operations/keys/rotate.ts";
import { stackSecrets } from "../../operations/keys/stack-secrets.ts";
import { alice, bob, stranger } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
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

  // Each run goes on where the one before was killed.
  for (const [when, step] of [
    ["it has begun", "renamed:rotation/local.json$"],
    ["the first funds were sent", "answer:POST .*broadcast"],
    ["the program was offered", "rm:offered_admin"],
    ["the program was accepted", "rm:aleo-admin"],
    ["the chain refused the old key", "rm:refusal"],
    ["the old account was emptied", `rm:rotation-${alice.address}`],
  ] as const) {
    it(`is killed when ${when}, and leaves what it takes to go on`, async () => {
      await chain.killAt(step, alice, rotate, environment());
      assert.doesNotMatch(readFileSync(progressFile(), "utf8"), /APrivateKey1/);
    });
  }

  it("is gone on with by the old key only", async () => {
    const { code, stderr } = await chain.run(bob, rotate, environment());
    assert.equal(code, 1);
    assert.match(stderr, /The rotation under way is that of aleo1s3ws/);
  });

  it("ends with the new key in the old one's place, each step done once", async () => {
    const { code, stdout, stderr } = await chain.run(alice, rotate, environment());
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /! trust_verifier_v2\.aleo: it has no offer_admin/);
    assert.match(stdout, /The key of aleo1s3ws\w+ has no power any more/);
    assert.doesNotMatch(stdout + stderr, /APrivateKey1/);

    const to = /that of (aleo1\w+) has taken its place/.exec(stdout)?.[1] ?? "";
    assert.equal(await entry("admin"), to);
    assert.equal(await entry("offered_admin"), undefined);
    for (const called of ["offer_admin", "accept_admin"]) {
      assert.equal(await chain.acceptedCalls(program, called), 1, called);
    }
    // Both transfers, and no third one.
    assert.equal(await chain.acceptedCalls("credits.aleo", "transfer_public"), 2);
    assert.equal(await chain.node.balance(alice.address), 0n);
    const held = await chain.node.balance(to);
    assert.ok(heldAtFirst - held < 100_000n, `${heldAtFirst - held} microcredits of fees`);
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

  it("can keep the new key as a secret of the stack until then", async () => {
    const store = pulumiKeyStore(secrets());
    assert.equal(await store.read(), undefined);
    const key = new PrivateKey(bob.privateKey, "a test");
    await store.write(key);
    await assert.rejects(store.write(key), KeyStoreError);
    assert.equal((await store.read())?.reveal(), bob.privateKey);
    const file = readFileSync(join(chain.directory, "Pulumi.local.yaml"), "utf8");
    assert.match(file, /aleo-ops-rotation:nextPrivateKey:\n +secure: /);
    await store.release();
    assert.equal(await store.read(), undefined);
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

describe("A rotation of a program that does not ask who calls", function () {
  this.timeout(120_000);
  const chain = liveChain();
  const id = "careless_admin.aleo";
  let rotations = 0;

  /** Notes in `steps` what is done to the stack, which holds a key of `holder`. */
  const rotation = (old: Account, holder: { privateKey: string }, steps: string[] = []) => {
    const directory = join(chain.directory, String(++rotations));
    return rotateKeys({
      old,
      accountOf: (key) => ({ ...old, ...chain.payer({ address: "", privateKey: key.reveal() }) }),
      storeName: "file:next",
      store: fileKeyStore(join(directory, "next.key")),
      secrets: {
        stack: "local",
        get: () => Promise.resolve(holder.privateKey),
        set: (key) => Promise.resolve(void steps.push(`set ${key}`)),
        remove: () => Promise.resolve(),
        up: () => Promise.resolve(void steps.push("up")),
      },
      stackHoldsKey: true,
      clusterSecret: "stack",
      path: join(directory, "rotation.json"),
      show: () => undefined,
    });
  };

  it("is not begun where it could not be paid to its end", async () => {
    const poor = { address: "", privateKey: (await newPrivateKey("local")).reveal() };
    await assert.rejects(
      rotation(chain.payer(poor), poor),
      /holds 0 credits; the rotation needs 1\.1 credits/,
    );
    assert.equal(existsSync(join(chain.directory, "1")), false);
  });

  it("replaces the key everywhere, and then says that the old one still works", async () => {
    await chain.deploy(stranger, id, careless);
    await chain.accepts(callsOf(id)(bob, "accept_admin"));
    const payer = chain.payer(bob);
    const old = { ...payer, settings: { ...payer.settings, programs: [{ program: id }] } };
    const steps: string[] = [];
    const report = await rotation(old, bob, steps);
    assert.deepEqual(steps, ["set aleo-ops:privateKey", "up"]);
    assert.equal(report.code, 3, report.problem);
    assert.match(rotationText(report), /✖ The old key could still call careless_admin\.aleo/);
    assert.equal(await chain.node.mappingValue(id, "admin", "0u8"), report.to);
    assert.ok((await chain.node.balance(bob.address)) > 0n);
  });

  it("replaces the key that pays, though it has no rights", async () => {
    const payer = chain.payer(stranger);
    const old = { ...payer, settings: { ...payer.settings, programs: [{ program: id }] } };
    await assert.rejects(rotation(old, alice), /has no rights to hand over/);
    const steps: string[] = [];
    const report = await rotation(old, stranger, steps);
    assert.equal(report.code, 0, report.problem);
    assert.deepEqual(steps, ["set aleo-ops:privateKey", "up"]);
    assert.ok((await chain.node.balance(stranger.address)) < 1_000_000n);
  });

  it("leaves the key of another account in the stack and the cluster", async () => {
    const payer = chain.payer(alice);
    const old = { ...payer, settings: { ...payer.settings, programs: [] } };
    const steps: string[] = [];
    const report = await rotation(old, bob, steps);
    assert.equal(report.code, 0, report.problem);
    assert.deepEqual(steps, []);
    assert.match(
      rotationText(report),
      /the stack local holds the key of another account: it stays/,
    );
    assert.match(rotationText(report), /the cluster's Secret holds the key of another account/);
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
