import assert from "node:assert/strict";
import { admin, alice, bob, stranger } from "./accounts.ts";
import {
  minimumFee,
  minimumStake,
  minimumWithdrawal,
  obligationsOf,
  queueOf,
  registryCalls,
} from "./agent-registry.ts";
import { scratchChain } from "./chain.ts";
import { proxyOf } from "./proxy-program.ts";

const largest = 2n ** 64n - 1n;
const credit = 1_000_000n;

for (const program of ["agent_registry_v2.aleo", "agent_registry_v3.aleo"]) {
  describe(program, function () {
    this.timeout(120_000);
    const chain = scratchChain(admin, program);
    const registry = registryCalls(program);
    const agentOf = (agent: string) => chain.struct(program, "agents", agent);
    const stakeOf = (agent: string) => chain.number(program, "stakes", agent);

    afterEach("the program holds exactly what it owes and keeps", async () => {
      assert.equal(await chain.held(program), await obligationsOf(chain, program));
    });

    describe("register_agent", () => {
      it("keeps the agent, its stake, its performance and the fee", async () => {
        await chain.accepts(
          registry.register(alice, "1field", { stake: 3n * credit, performance: "7field" }),
        );
        const height = `${await chain.node.latestHeight()}u32`;
        assert.deepEqual(await agentOf("1field"), {
          controller: alice.address,
          registered_at: height,
          active: "true",
          verified: "false",
        });
        assert.equal(await chain.value(program, "stakes", "1field"), "3000000u64");
        assert.deepEqual(await chain.struct(program, "performance", "1field"), {
          data: "7field",
          updated_at: height,
        });
        assert.equal(await chain.number(program, "total_staked"), 3n * credit);
        assert.equal(await chain.number(program, "fees_held"), minimumFee);
        assert.equal(await chain.held(program), 3n * credit + minimumFee);
      });

      it("refuses an id that is registered, to its controller and to others", async () => {
        await chain.rejects(registry.register(alice, "1field"), registry.register(bob, "1field"));
        assert.equal((await agentOf("1field"))?.controller, alice.address);
      });

      it("gives an id to one of two who register it in the same block", async () => {
        await chain.acceptsOnly(
          1,
          registry.register(alice, "2field"),
          registry.register(bob, "2field"),
        );
      });

      it("refuses less than the minimum stake or the minimum fee", async () => {
        await chain.cannotBuild(
          registry.register(alice, "3field", { stake: minimumStake - 1n }),
          registry.register(alice, "3field", { fee: minimumFee - 1n }),
        );
      });

      it("refuses a stake and a fee whose sum is no u64", async () => {
        await chain.cannotBuild(
          registry.register(alice, "3field", { stake: largest, fee: minimumFee }),
        );
      });

      it("refuses more credits than the account holds", async () => {
        await chain.rejects(registry.register(alice, "3field", { stake: largest / 2n }));
        assert.equal(await agentOf("3field"), undefined);
      });

      it("refuses a program that calls it with the credits of its user", async () => {
        const proxy = proxyOf(program);
        assert.equal(await chain.deploy(bob, proxy.id, proxy.source), "accepted");
        await chain.cannotBuild({
          by: alice,
          program: proxy.id,
          function: "register",
          inputs: ["3field", `${minimumStake}u64`, `${minimumFee}u64`],
        });
      });
    });

    describe("update_agent_performance", () => {
      it("keeps what the controller reports, and when", async () => {
        await chain.accepts(registry.update(alice, "1field", "8field"));
        assert.deepEqual(await chain.struct(program, "performance", "1field"), {
          data: "8field",
          updated_at: `${await chain.node.latestHeight()}u32`,
        });
      });

      it("refuses others, a program that the controller calls, and an unknown id", async () => {
        await chain.rejects(
          registry.update(bob, "1field", "9field"),
          registry.update(admin, "1field", "9field"),
          { by: alice, program: proxyOf(program).id, function: "update", inputs: ["1field"] },
          registry.update(alice, "404field", "9field"),
        );
        assert.equal((await chain.struct(program, "performance", "1field"))?.data, "8field");
      });
    });

    describe("verify_agent", () => {
      it("sets and takes back the mark of an agent, and nothing else", async () => {
        const agent = await agentOf("1field");
        await chain.accepts(registry.verify(admin, "1field"));
        assert.deepEqual(await agentOf("1field"), { ...agent, verified: "true" });
        await chain.accepts(registry.verify(admin, "1field", false));
        assert.deepEqual(await agentOf("1field"), agent);
      });

      it("refuses others than the admin, and an unknown id", async () => {
        await chain.rejects(registry.verify(alice, "1field"), registry.verify(admin, "404field"));
      });
    });

    describe("request_withdrawal", () => {
      it("moves a part of the stake to the end of the queue", async () => {
        await chain.accepts(registry.request(alice, "1field", credit));
        await chain.accepts(registry.request(alice, "1field", credit / 2n));
        assert.deepEqual(await queueOf(chain, program), {
          first: 0n,
          waiting: [
            { recipient: alice.address, amount: credit },
            { recipient: alice.address, amount: credit / 2n },
          ],
        });
        assert.equal((await chain.struct(program, "withdrawals", "0u64"))?.agent_id, "1field");
        assert.equal(await stakeOf("1field"), credit + credit / 2n);
        assert.equal(await chain.number(program, "total_queued"), credit + credit / 2n);
        assert.equal(await chain.number(program, "total_staked"), credit * 2n + credit / 2n);
      });

      it("refuses others, and an unknown id", async () => {
        await chain.rejects(
          registry.request(bob, "1field", minimumWithdrawal),
          registry.request(admin, "1field", minimumWithdrawal),
          registry.request(alice, "404field", minimumWithdrawal),
        );
      });

      it("refuses more than the stake", async () => {
        await chain.rejects(
          registry.request(alice, "1field", credit * 3n),
          registry.request(alice, "1field", largest),
        );
      });

      it("refuses nothing and less than the minimum withdrawal", async () => {
        await chain.cannotBuild(registry.request(alice, "1field", 0n));
        await chain.rejects(registry.request(alice, "1field", minimumWithdrawal - 1n));
      });

      it("leaves an active agent its minimum stake", async () => {
        await chain.rejects(registry.request(alice, "1field", credit / 2n + 1n));
        await chain.accepts(registry.request(alice, "1field", credit / 2n));
        assert.equal(await stakeOf("1field"), minimumStake);
      });
    });

    describe("deactivate_agent", () => {
      it("refuses others, and an unknown id", async () => {
        await chain.rejects(
          registry.deactivate(bob, "1field"),
          registry.deactivate(admin, "1field"),
          registry.deactivate(alice, "404field"),
        );
      });

      it("ends the agent's activity and its verification", async () => {
        await chain.accepts(registry.verify(admin, "1field"));
        const agent = await agentOf("1field");
        await chain.accepts(registry.deactivate(alice, "1field"));
        assert.deepEqual(await agentOf("1field"), { ...agent, active: "false", verified: "false" });
      });

      it("leaves nothing to deactivate, update, verify or register again", async () => {
        await chain.rejects(
          registry.deactivate(alice, "1field"),
          registry.update(alice, "1field", "9field"),
          registry.verify(admin, "1field"),
          registry.register(alice, "1field"),
        );
      });

      it("frees the whole stake, down to a rest below the minimum withdrawal", async () => {
        await chain.accepts(registry.request(alice, "1field", minimumStake - 1n));
        await chain.accepts(registry.request(alice, "1field", 1n));
        assert.equal(await stakeOf("1field"), 0n);
        await chain.rejects(registry.request(alice, "1field", minimumWithdrawal));
      });
    });

    describe("process_withdrawals", () => {
      it("refuses a batch that differs from the queue", async () => {
        const { first, waiting } = await queueOf(chain, program);
        const [next, after] = waiting;
        assert.ok(next !== undefined && after !== undefined && waiting.length === 5);
        await chain.rejects(
          registry.process(stranger, first, [{ ...next, recipient: stranger.address }]),
          registry.process(stranger, first, [{ ...next, amount: next.amount + 1n }]),
          registry.process(stranger, first, [{ ...next, amount: next.amount - 1n }]),
          registry.process(stranger, first + 1n, [after]),
          registry.process(stranger, first, [after, next]),
          registry.process(stranger, first, [...waiting, next]),
        );
        assert.deepEqual(await queueOf(chain, program), { first, waiting });
      });

      it("refuses a count of 0 and of more than 10", async () => {
        const { first, waiting } = await queueOf(chain, program);
        await chain.cannotBuild(
          registry.process(stranger, first, waiting, 0),
          registry.process(stranger, first, waiting, 11),
        );
      });

      it("pays the first ones out, whoever calls it, and ignores what stands behind them", async () => {
        const { waiting } = await queueOf(chain, program);
        const [before, heldBefore] = [
          await chain.node.balance(alice.address),
          await chain.held(program),
        ];
        await chain.accepts(registry.process(stranger, 0n, waiting, 2));
        const paid = credit + credit / 2n;
        assert.equal(await chain.node.balance(alice.address), before + paid);
        assert.equal(await chain.held(program), heldBefore - paid);
        assert.equal(await chain.value(program, "withdrawals", "0u64"), undefined);
        assert.deepEqual(await queueOf(chain, program), { first: 2n, waiting: waiting.slice(2) });
      });

      it("refuses what was paid out before", async () => {
        await chain.rejects(
          registry.process(stranger, 0n, [{ recipient: alice.address, amount: credit }]),
          registry.process(stranger, 2n, [{ recipient: alice.address, amount: credit }]),
        );
      });

      it("pays one of two who process the same withdrawals in the same block", async () => {
        const { first, waiting } = await queueOf(chain, program);
        await chain.acceptsOnly(
          1,
          registry.process(stranger, first, waiting),
          registry.process(bob, first, waiting),
        );
      });

      it("refuses an empty queue", async () => {
        const { first, waiting } = await queueOf(chain, program);
        assert.deepEqual({ first, waiting }, { first: 5n, waiting: [] });
        await chain.rejects(
          registry.process(stranger, first, [{ recipient: stranger.address, amount: 1n }]),
          registry.process(stranger, first, [{ recipient: stranger.address, amount: 0n }]),
        );
      });

      it("pays ten in one transaction, of several agents", async () => {
        await chain.accepts(
          registry.register(alice, "10field", { stake: 9n * credit }),
          registry.register(bob, "11field", { stake: 9n * credit }),
        );
        await chain.accepts(
          ...Array.from({ length: 11 }, (_, index) =>
            index % 2 === 0
              ? registry.request(alice, "10field", minimumWithdrawal + BigInt(index))
              : registry.request(bob, "11field", minimumWithdrawal + BigInt(index)),
          ),
        );
        const { first, waiting } = await queueOf(chain, program);
        assert.equal(waiting.length, 11);
        const ten = waiting.slice(0, 10);
        const expected = await Promise.all(
          [alice, bob].map(
            async ({ address }) =>
              (await chain.node.balance(address)) +
              ten.reduce(
                (sum, { recipient, amount }) => sum + (recipient === address ? amount : 0n),
                0n,
              ),
          ),
        );
        const last = ten.at(-1);
        assert.ok(last !== undefined);
        await chain.rejects(
          registry.process(stranger, first, ten.with(9, { ...last, amount: last.amount + 1n })),
          registry.process(stranger, first, ten.with(9, { ...last, recipient: stranger.address })),
        );
        await chain.accepts(registry.process(stranger, first, ten));
        assert.deepEqual(
          await Promise.all([alice, bob].map(({ address }) => chain.node.balance(address))),
          expected,
        );
        assert.deepEqual(await queueOf(chain, program), {
          first: first + 10n,
          waiting: waiting.slice(10),
        });
      });
    });

    describe("collect_fees", () => {
      it("refuses others than the admin, more than was paid in fees, and nothing", async () => {
        const fees = await chain.number(program, "fees_held");
        await chain.rejects(
          registry.collect(alice, minimumFee),
          registry.collect(admin, fees + 1n),
          registry.collect(admin, largest),
        );
        await chain.cannotBuild(registry.collect(admin, 0n));
      });

      it("pays the admin, and leaves stakes and queue alone", async () => {
        const fees = await chain.number(program, "fees_held");
        const owed = await obligationsOf(chain, program);
        assert.equal(fees, 4n * minimumFee);
        await chain.accepts(registry.collect(admin, fees));
        assert.equal(await chain.number(program, "fees_held"), 0n);
        assert.equal(await chain.held(program), owed - fees);
      });
    });

    if (program === "agent_registry_v3.aleo") {
      describe("As circuits, which the other tests do not run,", () => {
        it("register_agent, request_withdrawal and process_withdrawals hold", async () => {
          await chain.acceptsWithCircuits(registry.register(alice, "12field"));
          await chain.acceptsWithCircuits(registry.request(alice, "10field", minimumWithdrawal));
          const { first, waiting } = await queueOf(chain, program);
          await chain.acceptsWithCircuits(registry.process(stranger, first, waiting));
        });
      });
    }
  });
}
