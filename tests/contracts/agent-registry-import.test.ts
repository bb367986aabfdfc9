import assert from "node:assert/strict";
import { type Account, admin, alice, bob, stranger } from "./accounts.ts";
import { minimumFee, obligationsOf, queueOf, registryCalls } from "./agent-registry.ts";
import { type Call, scratchChain } from "./chain.ts";

const program = "agent_registry_v3.aleo";
const largest = 2n ** 64n - 1n;
const credit = 1_000_000n;
const registry = registryCalls(program);
const { call } = registry;

interface ImportedAgent {
  readonly id: string;
  readonly controller: Account;
  readonly stake: bigint;
  readonly active?: boolean;
}

function importAgents(by: Account, agents: readonly ImportedAgent[], count = agents.length): Call {
  const listOf = (text: (agent: ImportedAgent) => string) =>
    `[${Array.from({ length: 8 }, (_, index) => {
      const agent = agents[index] ?? agents.at(-1);
      assert.ok(agent !== undefined);
      return text(agent);
    }).join(", ")}]`;
  return call(
    by,
    "import_agents",
    `${count}u8`,
    listOf(({ id }) => id),
    listOf(
      ({ controller, active = true }) =>
        `{ controller: ${controller.address}, registered_at: 5u32, active: ${active}, verified: true }`,
    ),
    listOf(({ stake }) => `${stake}u64`),
    listOf(({ id }) => `{ data: ${id}, updated_at: 6u32 }`),
  );
}

function importWithdrawals(
  by: Account,
  first: bigint,
  amounts: readonly bigint[],
  count = amounts.length,
): Call {
  const places = Array.from(
    { length: 8 },
    (_, index) =>
      `{ agent_id: 1field, recipient: ${alice.address}, amount: ${amounts[index] ?? 77n}u64 }`,
  );
  return call(by, "import_withdrawals", `${first}u64`, `${count}u8`, `[${places.join(", ")}]`);
}

const importFees = (by: Account, amount: bigint) => call(by, "import_fees_held", `${amount}u64`);
const fund = (by: Account, amount: bigint) => call(by, "fund", `${amount}u64`);

describe(`Import into ${program}`, function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const total = (mapping: string) => chain.number(program, mapping);
  const one: ImportedAgent = { id: "1field", controller: alice, stake: 5n * credit };

  it("is refused while the program is not paused", async () => {
    await chain.rejects(
      importAgents(admin, [one]),
      importWithdrawals(admin, 0n, [credit]),
      importFees(admin, credit),
    );
    await chain.accepts(call(admin, "pause"));
  });

  it("is the admin's alone", async () => {
    await chain.rejects(
      importAgents(stranger, [one]),
      importWithdrawals(stranger, 0n, [credit]),
      importFees(stranger, credit),
    );
    assert.equal(await chain.value(program, "agents", "1field"), undefined);
  });

  describe("import_agents", () => {
    const eight = Array.from({ length: 8 }, (_, index) => ({
      id: `${10 + index}field`,
      controller: index % 2 === 0 ? alice : bob,
      stake: credit + BigInt(index),
      active: index !== 7,
    }));
    const sum = 8n * credit + 28n;

    it("sets eight agents with stake and performance, and counts their stakes", async () => {
      await chain.accepts(importAgents(admin, eight));
      for (const { id, controller, stake, active } of eight) {
        assert.deepEqual(await chain.struct(program, "agents", id), {
          controller: controller.address,
          registered_at: "5u32",
          active: String(active),
          verified: "true",
        });
        assert.equal(await chain.number(program, "stakes", id), stake);
        assert.deepEqual(await chain.struct(program, "performance", id), {
          data: id,
          updated_at: "6u32",
        });
      }
      assert.equal(await total("total_staked"), sum);
    });

    it("changes nothing when a batch is sent again", async () => {
      await chain.accepts(importAgents(admin, eight));
      assert.equal(await total("total_staked"), sum);
    });

    it("counts a stake that it changes once, also if the batch names it twice", async () => {
      await chain.accepts(importAgents(admin, [{ ...one, id: "10field", stake: 3n * credit }]));
      assert.equal(await total("total_staked"), sum + 2n * credit);
      await chain.accepts(
        importAgents(admin, [
          { ...one, id: "10field", stake: 7n * credit },
          { ...one, id: "10field", stake: credit },
        ]),
      );
      assert.equal(await total("total_staked"), sum);
    });

    it("ignores what stands behind the count", async () => {
      await chain.accepts(importAgents(admin, [one, { ...one, id: "2field", stake: largest }], 1));
      assert.equal(await chain.value(program, "agents", "2field"), undefined);
      assert.equal(await total("total_staked"), sum + one.stake);
    });

    it("refuses stakes whose total is no u64", async () => {
      await chain.rejects(importAgents(admin, [{ ...one, id: "2field", stake: largest }]));
      assert.equal(await total("total_staked"), sum + one.stake);
    });

    it("refuses a count of 0 and of more than 8", async () => {
      await chain.cannotBuild(importAgents(admin, [one], 0), importAgents(admin, [one], 9));
    });
  });

  describe("import_withdrawals", () => {
    it("begins an empty queue at the id where the old one stood", async () => {
      await chain.accepts(importWithdrawals(admin, 100n, []));
      assert.deepEqual(await queueOf(chain, program), { first: 100n, waiting: [] });
      await chain.accepts(importWithdrawals(admin, 200n, [credit, 2n * credit]));
      assert.deepEqual(await queueOf(chain, program), {
        first: 200n,
        waiting: [credit, 2n * credit].map((amount) => ({ recipient: alice.address, amount })),
      });
      assert.equal(await total("total_queued"), 3n * credit);
    });

    it("appends eight, and ignores what stands behind the count", async () => {
      await chain.accepts(importWithdrawals(admin, 202n, Array<bigint>(8).fill(1n)));
      await chain.accepts(importWithdrawals(admin, 210n, [2n, 3n, largest], 2));
      const { first, waiting } = await queueOf(chain, program);
      assert.deepEqual([first, waiting.length], [200n, 12]);
      assert.equal(await total("total_queued"), 3n * credit + 13n);
      assert.equal(await chain.value(program, "withdrawals", "212u64"), undefined);
    });

    it("refuses a batch that was sent before, a gap, and ids that are used up", async () => {
      await chain.rejects(
        importWithdrawals(admin, 210n, [2n, 3n]),
        importWithdrawals(admin, 213n, [1n]),
        importWithdrawals(admin, 199n, [1n]),
        importWithdrawals(admin, 0n, [1n]),
      );
    });

    it("refuses amounts whose total is no u64, and a count of more than 8", async () => {
      await chain.rejects(importWithdrawals(admin, 212n, [largest]));
      await chain.cannotBuild(importWithdrawals(admin, 212n, [], 9));
      assert.equal(await total("total_queued"), 3n * credit + 13n);
    });
  });

  describe("import_fees_held", () => {
    it("sets what is kept of the fees", async () => {
      await chain.accepts(importFees(admin, 5n * minimumFee));
      await chain.accepts(importFees(admin, 4n * minimumFee));
      assert.equal(await total("fees_held"), 4n * minimumFee);
    });
  });

  describe("fund and unpause", () => {
    it("refuse to begin with fewer credits than are owed", async () => {
      await chain.rejects(call(admin, "unpause"));
      await chain.accepts(fund(stranger, (await obligationsOf(chain, program)) - 1n));
      await chain.rejects(call(admin, "unpause"));
      assert.equal(await chain.value(program, "paused", "0u8"), "true");
    });

    it("take credits from anybody, but not none and not more than there are", async () => {
      await chain.cannotBuild(fund(bob, 0n));
      await chain.rejects(fund(bob, largest));
      const before = await chain.node.balance(bob.address);
      await chain.accepts(fund(bob, 1n));
      assert.ok((await chain.node.balance(bob.address)) < before);
      assert.equal(await chain.held(program), await obligationsOf(chain, program));
    });

    it("begin as soon as all that is owed is there", async () => {
      await chain.accepts(call(admin, "unpause"));
      assert.equal(await chain.value(program, "paused", "0u8"), "false");
    });
  });

  describe("afterwards", () => {
    it("agents go on with their controllers alone", async () => {
      await chain.accepts(registry.update(bob, "11field", "99field"));
      await chain.rejects(
        registry.update(alice, "11field", "99field"),
        registry.register(stranger, "11field"),
        registry.update(bob, "17field", "99field"),
      );
    });

    it("withdrawals and fees are paid out in credits", async () => {
      const { waiting } = await queueOf(chain, program);
      const before = await chain.node.balance(alice.address);
      await chain.accepts(registry.process(stranger, 200n, waiting.slice(0, 10)));
      const paid = 3n * credit + 8n;
      assert.equal(await chain.node.balance(alice.address), before + paid);
      await chain.accepts(registry.collect(admin, 4n * minimumFee));
      await chain.accepts(registry.request(alice, "1field", credit));
      assert.deepEqual((await queueOf(chain, program)).waiting.at(-1), {
        recipient: alice.address,
        amount: credit,
      });
      assert.equal(await chain.held(program), await obligationsOf(chain, program));
    });
  });
});
