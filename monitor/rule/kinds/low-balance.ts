import { z } from "zod";
import { formatCredits, microcreditsPerCredit } from "../../../aleo/network.ts";
import { probeName } from "../../watch/probe.ts";
import { defineKind, type Facts, programReading, subjects, unknown, verdictOf } from "../kind.ts";

type Settings = Parameters<typeof subjects>[0] & {
  readonly accounts?: readonly string[] | undefined;
};

/** An account that pays is running out of credits; without `accounts`, the programs' owners. */
export const lowBalance = defineKind({
  name: "low-balance",
  cause: "looks",
  shape: {
    minimumCredits: z.number().positive().describe("a number of credits"),
    accounts: z
      .array(z.string().regex(/^aleo1[a-z0-9]{58}$/, "Not an address"))
      .min(1)
      .optional()
      .describe("a list of addresses"),
  },
  probes: (rule, facts) => [
    ...(rule.accounts === undefined
      ? subjects(rule, facts).map(({ id }) => ({ kind: "program", program: id }) as const)
      : []),
    ...accountsOf(rule, facts).map((address) => ({ kind: "balance", address }) as const),
  ],
  evaluate: ({ minimumCredits, ...rule }, facts) =>
    accountsOf(rule, facts).map((address) => {
      const value = facts.reading(probeName({ kind: "balance", address }))?.value;
      if (value === undefined) return unknown(address);
      const held = BigInt(value);
      const least = BigInt(Math.round(minimumCredits * Number(microcreditsPerCredit)));
      return {
        subject: address,
        verdict: verdictOf(held < least),
        value: formatCredits(held),
        summary: `${address} holds ${formatCredits(held)}, less than ${minimumCredits}`,
      };
    }),
  query: ({ minimumCredits, accounts: account }, select) =>
    // Whose accounts the owners' are no metric tells.
    account === undefined
      ? undefined
      : `${select("balance", { account })} < ${Math.round(minimumCredits * Number(microcreditsPerCredit))}`,
});

function accountsOf(rule: Settings, facts: Facts): readonly string[] {
  if (rule.accounts !== undefined) return rule.accounts;
  const owners = subjects(rule, facts).flatMap(({ id }) => programReading(facts, id)?.owner ?? []);
  return [...new Set(owners)];
}
