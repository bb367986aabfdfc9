import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { PrivateKeyError } from "../../aleo/keys.ts";
import { connect } from "../../aleo/node/client.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { operatingAccount } from "../../operations/account.ts";
import { checkText, checkWithdrawals } from "../../operations/withdrawals/check.ts";
import { planWithdrawals } from "../../operations/withdrawals/plan.ts";
import {
  codeOf,
  InsolventError,
  lastIn,
  processAll,
  processText,
  processWithdrawals,
  purposeOf,
} from "../../operations/withdrawals/process.ts";
import { readQueue, WithdrawalQueueError } from "../../operations/withdrawals/queue.ts";
import { type Account, admin, alice, bob, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { startFaultyNode } from "../support/faulty-node.ts";
import { liveChain } from "./live-chain.ts";

/** agent_registry_v2.aleo with a hole: anybody may take credits out of it. */
const program = "leaky_registry.aleo";
const source = compiledProgram("agent_registry_v2.aleo")
  .replaceAll("agent_registry_v2.aleo", program)
  .replace(
    "constructor:",
    `function drain:
    input r0 as u64.public;
    call credits.aleo/transfer_public self.caller r0 into r1;
    async drain r1 into r2;
    output r2 as ${program}/drain.future;

finalize drain:
    input r0 as credits.aleo/transfer_public.future;
    await r0;

constructor:`,
  );
const registry = registryCalls(program);
const crumb = 100_000n;

describe("The queue of withdrawals", function () {
  this.timeout(300_000);
  const chain = liveChain();
  const processCommand = ["withdrawals", "process", "--contract", program, "--json"];
  before(async function () {
    this.timeout(300_000);
    await chain.deploy(admin, program, source);
    await chain.accepts(
      registry.register(alice, "1field", { stake: 20_000_000n }),
      registry.register(bob, "2field", { stake: 20_000_000n }),
    );
  });

  /** Has these amounts asked for by alice and bob in turn. */
  const request = (...amounts: bigint[]) =>
    chain.accepts(
      ...amounts.map((amount, index) =>
        index % 2 === 0
          ? registry.request(alice, "1field", amount)
          : registry.request(bob, "2field", amount),
      ),
    );
  const balances = () =>
    Promise.all([alice, bob].map(({ address }) => chain.node.balance(address)));
  /** Runs the work, and asserts what alice and bob were paid by it. */
  const pays = async (expected: readonly [bigint, bigint], work: () => Promise<void>) => {
    const before = await balances();
    await work();
    const after = await balances();
    assert.deepEqual(
      after.map((balance, index) => balance - (before[index] ?? 0n)),
      expected,
    );
  };

  it("is told with its size and that the program can pay", async () => {
    const check = await checkWithdrawals(chain.node, program, 50);
    assert.deepEqual(
      [check.pending, check.queued, check.solvent, check.oldest],
      [0, "0", true, null],
    );
    assert.match(checkText([check]), /no withdrawal waits/);
  });

  it("is told with the age of the oldest, as far as the blocks looked at tell", async () => {
    await request(crumb, crumb + 1n, crumb + 2n);
    const newest = await chain.node.latestHeight();
    const { oldest, pending, queued } = await checkWithdrawals(chain.node, program, 50);
    assert.deepEqual([pending, queued], [3, String(3n * crumb + 3n)]);
    assert.equal(oldest?.height, newest - 2);
    const short = await checkWithdrawals(chain.node, program, 2);
    assert.equal(short.oldest?.height, null);
    assert.match(checkText([short]), /the oldest for more than/);
  });

  it("can be planned without a key, and nothing is sent", async () => {
    const plan = await planWithdrawals(chain.node, program, 2);
    assert.deepEqual([plan.pending, plan.transactions], [3, 2]);
    assert.ok(BigInt(plan.fee) > 0n);
    assert.equal((await readQueue(chain.node, program)).head, 0n);
  });

  it("is paid out, the oldest first, one transaction a batch, by anybody", async () => {
    await pays([2n * crumb + 2n, crumb + 1n], async () => {
      const shown: string[] = [];
      const report = await processWithdrawals(chain.payer(stranger), program, 2, (text) => {
        shown.push(text);
      });
      assert.deepEqual(
        report.paid.map(({ first, count, amount }) => [first, count, amount]),
        [
          ["0", 2, String(2n * crumb + 1n)],
          ["2", 1, String(crumb + 2n)],
        ],
      );
      assert.equal(report.pending, 0);
      assert.match(shown.join(), /2 of 3 withdrawals paid/);
      assert.match(processText([report]), /3 withdrawals of 0\.300003 credits paid, 0 waiting/);
    });
    assert.equal(await chain.acceptedCalls(program, "process_withdrawals"), 2);
  });

  it("is left alone where it is empty", async () => {
    const { paid } = await processWithdrawals(chain.payer(stranger), program, 10, () => undefined);
    assert.deepEqual(paid, []);
  });

  // Where a run that is killed leaves: nothing sent; sent and unknown whether; sent and taken; accepted and still noted.
  for (const step of [
    "rename:withdrawals",
    "renamed:withdrawals",
    "request:POST .*broadcast",
    "answer:POST .*broadcast",
    "request:GET .*transaction/confirmed",
    "rm:withdrawals",
    "removed:withdrawals",
  ]) {
    it(`is paid once after a run that was killed at ${step}`, async () => {
      await request(crumb, crumb);
      const before = await chain.acceptedCalls(program, "process_withdrawals");
      await pays([crumb, crumb], async () => {
        await chain.killAt(step, stranger, processCommand);
        const { code, stdout, stderr } = await chain.run(stranger, processCommand);
        assert.equal(code, 0, stdout + stderr);
      });
      assert.equal(await chain.acceptedCalls(program, "process_withdrawals"), before + 1);
      const { head, tail } = await readQueue(chain.node, program);
      assert.equal(head, tail);
    });
  }

  it("is paid once where the node's answer to the transaction is lost", async () => {
    await request(crumb, crumb);
    const proxy = await startFaultyNode(chain.url);
    proxy.add({ path: /broadcast/, fault: { kind: "cut" }, reachesNode: true });
    const node = connect({ network: "local", endpoints: [proxy.url] });
    try {
      await pays([crumb, crumb], async () => {
        const payer = { ...chain.payer(stranger), node };
        await processWithdrawals(payer, program, 10, () => undefined);
      });
    } finally {
      await node.close();
      await proxy.close();
    }
  });

  it("is paid once by two runs at once", async () => {
    await request(crumb, crumb, crumb);
    await pays([2n * crumb, crumb], async () => {
      await Promise.all(
        [stranger, admin].map((by) =>
          processWithdrawals(chain.payer(by), program, 2, () => undefined),
        ),
      );
    });
  });

  it("knows of what it sent which withdrawals that pays", () => {
    assert.equal(lastIn(purposeOf(program, 7n, 16n)), 16n);
    assert.equal(lastIn("a payment of something to 7 of it"), undefined);
  });

  /** Runs the work on a node that answers so to questions for the path. */
  const onFaultyNode = async (
    path: RegExp,
    body: string,
    times: number | undefined,
    work: (payer: ReturnType<typeof chain.payer>) => Promise<unknown>,
  ) => {
    const proxy = await startFaultyNode(chain.url);
    const fault = { kind: "answer", status: 200, body } as const;
    proxy.add({ path, fault, ...(times !== undefined && { times }) });
    const node = connect({ network: "local", endpoints: [proxy.url] });
    try {
      await work({ ...chain.payer(stranger), node });
    } finally {
      await node.close();
      await proxy.close();
    }
  };

  // Paid by somebody else between two questions; a node that is a block behind with the balance.
  for (const times of [1, 3]) {
    it(`is paid where the program only seems to hold too little, ${times} times`, async () => {
      await request(crumb);
      const { address } = await checkWithdrawals(chain.node, program, 1);
      const account = new RegExp(`mapping/account/${address}`);
      await pays([crumb, 0n], () =>
        onFaultyNode(account, '"5u64"', times, async (payer) => {
          const { pending } = await processWithdrawals(payer, program, 10, () => undefined);
          assert.equal(pending, 0);
        }),
      );
    });
  }

  it("is not waited for without end where the next entry is not there", async () => {
    await request(crumb);
    const { head } = await readQueue(chain.node, program);
    await onFaultyNode(new RegExp(`mapping/withdrawals/${head}u64`), "null", undefined, (payer) =>
      assert.rejects(
        processWithdrawals(payer, program, 10, () => undefined),
        (error: unknown) =>
          error instanceof WithdrawalQueueError &&
          error.message.includes(`no entry withdrawals[${head}u64]`),
      ),
    );
    await pays([crumb, 0n], async () => {
      await processWithdrawals(chain.payer(stranger), program, 10, () => undefined);
    });
  });

  it("is not paid where the program holds less than it owes, and says so loudly", async () => {
    await request(crumb);
    await chain.accepts(registry.call(stranger, "drain", "1u64"));
    const { solvent } = await checkWithdrawals(chain.node, program, 1);
    assert.equal(solvent, false);
    await pays([0n, 0n], async () => {
      await assert.rejects(
        processWithdrawals(chain.payer(stranger), program, 10, () => undefined),
        (error: unknown) =>
          error instanceof InsolventError &&
          error.message.startsWith(`INSOLVENT: ${program} holds`) &&
          error.message.includes("0.000001 credits are missing"),
      );
      await assert.rejects(planWithdrawals(chain.node, program, 10), InsolventError);
    });
    const check = await chain.run(stranger, ["withdrawals", "check", "--contract", program]);
    assert.equal(check.code, 3, check.stderr);
    assert.match(check.stdout, /✖ leaky_registry.*\n.*\n.*\n.*0\.000001 credits are missing/);
  });

  it("that can't be paid is a critical alert, under one key however often it is tried", async () => {
    const events: { dedup_key: string; payload: { severity: string; summary: string } }[] = [];
    const receiver = createServer((request, response) => {
      void text(request).then((body) => {
        events.push(JSON.parse(body) as (typeof events)[number]);
        response.writeHead(202).end();
      });
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const { port } = receiver.address() as AddressInfo;
    const env = {
      PAGERDUTY_KEY_CRITICAL: "0".repeat(32),
      PAGERDUTY_EVENTS_URL: `http://127.0.0.1:${port}`,
    };
    try {
      for (const attempt of [1, 2]) {
        const { code, stdout, stderr } = await chain.run(stranger, processCommand, env);
        assert.equal(code, 1, stderr);
        const [report] = JSON.parse(stdout) as { alarm: { routes: unknown } }[];
        assert.deepEqual(report?.alarm.routes, [{ route: "pagerduty", reached: true }]);
        assert.equal(events.length, attempt);
      }
    } finally {
      receiver.close();
    }
    const [first, second] = events;
    assert.equal(first?.dedup_key, second?.dedup_key);
    assert.equal(first?.payload.severity, "critical");
    assert.match(first.payload.summary, /INSOLVENT: leaky_registry.aleo holds/);
    const shown = await chain.run(stranger, processCommand.slice(0, -1));
    assert.match(shown.stdout, /Critical alert for leaky_registry.aleo:\n.*No receiver is set/);
  });

  it("of one program does not keep those of others from being paid", async () => {
    const reports = await processAll(
      chain.payer(stranger),
      [program, "nowhere.aleo"],
      10,
      () => undefined,
    );
    assert.deepEqual(
      reports.map(({ problem }) => problem?.slice(0, 9)),
      ["INSOLVENT", "nowhere.a"],
    );
    assert.equal(codeOf(reports), 1);
    assert.match(processText(reports), /What to do: Treat it as an emergency/);
  });

  it("is looked for in a program that has none, or is not there: said so", async () => {
    for (const wrong of ["credits.aleo", "nowhere.aleo"]) {
      await assert.rejects(readQueue(chain.node, wrong), WithdrawalQueueError);
    }
  });

  it("needs a key to be paid, which is never shown", () => {
    const { settings, node } = chain.payer(stranger);
    assert.throws(() => operatingAccount(settings, node, {}, "withdrawals"), PrivateKeyError);
    const account: Account = { ...stranger, privateKey: "APrivateKey1wrong" };
    assert.throws(
      () => chain.payer(account),
      (error: unknown) => error instanceof PrivateKeyError && !error.message.includes("wrong"),
    );
  });
});
