import fc from "fast-check";
import { admin, alice, bob, type Account } from "../../contracts/accounts.ts";
import { queueOf, registryCalls } from "../../contracts/agent-registry.ts";
import type { Call, Chain } from "../../contracts/chain.ts";
import { executionHash, verifierCalls } from "../../contracts/trust-verifier.ts";

/** Makes a call when its turn comes, as some depend on what the chain holds by then. */
export type Planned = (chain: Chain) => Promise<Call>;

const account = fc.constantFrom(admin, alice, bob);
const agent = fc.constantFrom("1field", "2field", "3field");
const field = fc.constantFrom("4field", "5field", "6field");
const amount = fc.constantFrom(100_000n, 400_000n, 1_000_000n, 1_500_000n);

const now = (call: fc.Arbitrary<Call>): fc.Arbitrary<Planned> =>
  call.map((ready) => () => Promise.resolve(ready));

/** Any call of a registry that can be built; the chain takes about half of them. */
function registryCall(program: string): fc.Arbitrary<Planned> {
  const calls = registryCalls(program);
  const register = fc
    .tuple(account, agent, fc.constantFrom(1_000_000n, 2_500_000n), field)
    .map(([by, id, stake, performance]) => calls.register(by, id, { stake, performance }));
  return fc.oneof(
    { weight: 3, arbitrary: now(register) },
    now(fc.tuple(account, agent, fc.boolean()).map((given) => calls.verify(...given))),
    now(fc.tuple(account, agent, field).map((given) => calls.update(...given))),
    now(fc.tuple(account, agent).map((given) => calls.deactivate(...given))),
    {
      weight: 2,
      arbitrary: now(fc.tuple(account, agent, amount).map((given) => calls.request(...given))),
    },
    now(fc.tuple(account, amount).map((given) => calls.collect(...given))),
    fc
      .tuple(account, fc.integer({ min: 1, max: 3 }))
      .map(([by, count]): Planned => async (chain) => {
        const { first, waiting } = await queueOf(chain, program);
        const some = waiting.slice(0, count);
        const none = { recipient: by.address, amount: 100_000n };
        return calls.process(by, first, some.length === 0 ? [none] : some);
      }),
    ...(program.includes("_v3") ? [now(administration(program))] : []),
  );
}

function administration(program: string): fc.Arbitrary<Call> {
  const { call } = registryCalls(program);
  return fc.oneof(
    account.map((by) => call(by, "pause")),
    { weight: 3, arbitrary: account.map((by) => call(by, "unpause")) },
    account.map((by) => call(by, "offer_admin", admin.address)),
    account.map((by) => call(by, "accept_admin")),
  );
}

function verifierCall(program: string): fc.Arbitrary<Planned> {
  const calls = verifierCalls(program);
  const verify =
    (by: Account, data: string): Planned =>
    async () =>
      calls.verify(by, data, await executionHash(data));
  return fc.oneof(
    now(fc.tuple(account, account).map((given) => calls.authorize(...given))),
    now(fc.tuple(account, account).map((given) => calls.revoke(...given))),
    fc.tuple(account, field).map((given) => verify(...given)),
    ...(program.includes("_v3") ? [now(administration(program))] : []),
  );
}

/** Blocks of calls of the four programs of this project. */
export const blocksOfCalls: fc.Arbitrary<readonly (readonly Planned[])[]> = fc.array(
  fc.array(
    fc.oneof(
      registryCall("agent_registry_v2.aleo"),
      { weight: 2, arbitrary: registryCall("agent_registry_v3.aleo") },
      verifierCall("trust_verifier_v2.aleo"),
      verifierCall("trust_verifier_v3.aleo"),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 2, maxLength: 4 },
);
