import { z } from "zod";
import type { Network } from "../../aleo/network.ts";
import type { Verdict } from "../alert/lifecycle.ts";
import { severities } from "../alert/severity.ts";
import type { WatchedProgram } from "../chain/observe.ts";
import type { ChainStore, Cursor } from "../store/chain-store.ts";
import type { Look } from "../store/look-store.ts";
import type { Reading } from "../store/probe-store.ts";
import { type Probe, probeName } from "../watch/probe.ts";
import { type ProgramReading, readingOf } from "../watch/readings.ts";
import type { Select } from "../metrics/select.ts";
import { duration } from "./duration.ts";

/** What a rule found of one subject. */
export interface Finding {
  /** A program, an endpoint or an account. */
  readonly subject: string;
  readonly verdict: Verdict;
  /** What was measured, for people: `0.25`. */
  readonly value: string;
  /** What is wrong, in one sentence. */
  readonly summary: string;
}

/** What is known of the network at one moment: all that a rule may look at. */
export interface Facts {
  readonly network: Network;
  /** The moment, in ms since 1970; of the chain while it is being caught up with. */
  readonly now: number;
  readonly programs: readonly WatchedProgram[];
  readonly cursor: Cursor | undefined;
  /** The greatest height that an endpoint serves. */
  readonly head: number | undefined;
  readonly looks: readonly Look[];
  /** Endpoints that serve another chain. */
  readonly strangers: readonly string[];
  readonly chain: Pick<
    ChainStore,
    "calls" | "callsOf" | "busiestPayer" | "newPayers" | "flows" | "fees" | "firstTime"
  >;
  /** Answer times of an endpoint in ms, after `from`, the shortest first. */
  readonly answerTimes: (endpoint: string, from: number) => readonly number[];
  readonly reading: (name: string) => Reading | undefined;
  /** What was accepted as right: a program as it was first seen, or since `aleo-ops alerts accept`. */
  readonly accepted: (name: string) => string | undefined;
}

/** What every rule may set. */
const commonShape = {
  severity: z.enum(severities).describe(`one of ${severities.join(", ")}`),
  for: duration.default(0),
  resolveAfter: duration.default(300_000),
  summary: z
    .string()
    .min(1)
    .optional()
    .describe("a text that may hold {subject}, {value} and {network}"),
  runbook: z.string().min(1).optional().describe("a path or URL of a runbook"),
  programs: z
    .array(z.string().regex(/^\w+\.aleo$/, "Not the id of a program"))
    .min(1)
    .optional()
    .describe("a list of program ids, such as [agent_registry_v3.aleo]"),
};

type Common = z.output<z.ZodObject<typeof commonShape>>;

interface Fault {
  readonly key: string;
  readonly message: string;
}

/** One kind of rule, whatever its settings are. */
export interface Kind {
  readonly name: string;
  /** What it judges by: `blocks` are judged at each block, `looks` at each poll. */
  readonly cause: "blocks" | "looks";
  readonly schema: z.ZodObject;
  /** What is wrong with settings that each by itself is allowed. */
  readonly check: (settings: Common) => Fault | undefined;
  readonly probes: (settings: Common, facts: Facts) => Probe[];
  readonly evaluate: (settings: Common, facts: Facts) => Finding[];
  readonly query: (settings: Common, select: Select) => string | undefined;
}

interface KindDefinition<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly cause: Kind["cause"];
  /** Its own settings, besides those that every rule may set. */
  readonly shape: Shape;
  readonly check?: (settings: Common & z.output<z.ZodObject<Shape>>) => Fault | undefined;
  /** What has to be read from a node for it. */
  readonly probes?: (settings: Common & z.output<z.ZodObject<Shape>>, facts: Facts) => Probe[];
  /** Pure: what the facts mean by these settings. */
  readonly evaluate: (settings: Common & z.output<z.ZodObject<Shape>>, facts: Facts) => Finding[];
  /** The same condition in PromQL over the monitor's metrics; without it they don't tell. */
  readonly query?: (
    settings: Common & z.output<z.ZodObject<Shape>>,
    select: Select,
  ) => string | undefined;
}

export function defineKind<Shape extends z.ZodRawShape>(definition: KindDefinition<Shape>): Kind {
  const { name, cause, shape, check = () => undefined, probes = () => [], evaluate } = definition;
  const { query = () => undefined } = definition;
  const schema = z.strictObject({ kind: z.literal(name), ...commonShape, ...shape });
  // The settings of a rule were parsed by the schema of its own kind.
  return { name, cause, schema, check, probes, evaluate, query } as unknown as Kind;
}

/** The programs that a rule is about: those it names, else all that are watched. */
export function subjects({ programs }: Pick<Common, "programs">, facts: Facts): WatchedProgram[] {
  return facts.programs.filter(({ id }) => programs === undefined || programs.includes(id));
}

/** A finding of something that could not be read. */
export function unknown(subject: string): Finding {
  return { subject, verdict: "unknown", value: "unknown", summary: "" };
}

export function verdictOf(isBad: boolean): Verdict {
  return isBad ? "bad" : "good";
}

export function programReading(facts: Facts, program: string): ProgramReading | undefined {
  return readingOf("program", facts.reading(probeName({ kind: "program", program }))?.value);
}
