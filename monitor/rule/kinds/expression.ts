import { Environment, type TypeCheckResult } from "@marcbachmann/cel-js";
import { z } from "zod";
import type { WatchedProgram } from "../../chain/observe.ts";
import { type Probe, mappingEntry, probeName } from "../../watch/probe.ts";
import { duration } from "../duration.ts";
import { defineKind, type Facts, type Finding, subjects, unknown } from "../kind.ts";

type Entries = Readonly<Record<string, { readonly mapping: string; readonly key: string }>>;

/** What an expression may name besides its own `values`: whole numbers, amounts in microcredits. */
const counts = ["accepted", "rejected", "creditsIn", "creditsOut", "newAccounts", "held"] as const;

/** An expression in CEL (https://cel.dev) over entries of mappings and counts of calls is true. */
export const expression = defineKind({
  name: "expression",
  cause: "looks",
  shape: {
    expression: z
      .string()
      .min(1)
      .describe(`an expression in CEL over ${counts.join(", ")} and the names in values`),
    values: z
      .record(z.string().regex(/^[a-z]\w*$/i), mappingEntry)
      .default({})
      .describe("for each name an entry of a mapping, such as staked: total_staked[0u8]"),
    window: duration.default(3_600_000),
  },
  check: ({ expression: text, values }) => {
    const result = checked(text, values);
    if (!result.valid) return { key: "expression", message: result.error?.message ?? "not valid" };
    return result.type === "bool" || result.type === "dyn"
      ? undefined
      : { key: "expression", message: `it gives ${String(result.type)}, not true or false` };
  },
  probes: ({ values, ...rule }, facts) =>
    subjects(rule, facts).flatMap((program) => [
      balanceOf(program),
      ...Object.values(values).map((entry): Probe => entryOf(program, entry)),
    ]),
  evaluate: ({ expression: text, values, window, ...rule }, facts) => {
    const environment = environmentOf(values);
    const judge = environment.parse(text);
    return subjects(rule, facts).map((program): Finding => {
      const context = contextOf(program, values, window, facts);
      if (context === undefined) return unknown(program.id);
      const shown = Object.entries(context)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(", ");
      return {
        subject: program.id,
        verdict: judge(context) === true ? "bad" : "good",
        value: shown,
        summary: `${program.id}: ${text} (${shown})`,
      };
    });
  },
});

function checked(text: string, values: Entries): TypeCheckResult {
  return environmentOf(values).check(text);
}

function environmentOf(values: Entries): Environment {
  const environment = new Environment();
  for (const name of counts) environment.registerVariable(name, "int");
  for (const name of Object.keys(values)) environment.registerVariable(name, "dyn");
  return environment;
}

function contextOf(
  program: WatchedProgram,
  values: Entries,
  window: number,
  { chain, now, reading }: Facts,
): Record<string, unknown> | undefined {
  const balance = reading(probeName(balanceOf(program)))?.value;
  const readings = Object.entries(values).map(
    ([name, entry]) => [name, reading(probeName(entryOf(program, entry)))] as const,
  );
  if (balance === undefined || readings.some(([, found]) => found === undefined)) return undefined;
  const span = { from: now - window, to: now };
  const { accepted, rejected } = chain.calls(program.id, span);
  const { creditsIn, creditsOut } = chain.flows(program.id, span);
  return {
    accepted: BigInt(accepted),
    rejected: BigInt(rejected),
    creditsIn: BigInt(creditsIn),
    creditsOut: BigInt(creditsOut),
    newAccounts: BigInt(chain.newPayers(program.id, span)),
    held: BigInt(balance),
    ...Object.fromEntries(readings.map(([name, found]) => [name, literal(found?.value)])),
  };
}

function balanceOf({ address }: WatchedProgram): Probe {
  return { kind: "balance", address };
}

function entryOf({ id }: WatchedProgram, entry: Entries[string]): Probe {
  return { kind: "entry", program: id, ...entry };
}

/** An entry as CEL takes it: numbers and booleans as such, anything else as text, none as null. */
function literal(value: string | undefined): unknown {
  if (value === undefined) return null;
  if (value === "true" || value === "false") return value === "true";
  const digits = /^(-?\d+)[ui]\d+$/.exec(value)?.[1];
  return digits === undefined ? value : BigInt(digits);
}
