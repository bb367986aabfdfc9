import { z } from "zod";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { ProgramSyntaxError } from "../../aleo/program/reader.ts";
import type { BackupReading, ProgramReading, SolvencyReading } from "./readings.ts";

/** Something of the network that no block tells, and that is read from a node. */
export type Probe =
  | {
      readonly kind: "entry";
      readonly program: string;
      readonly mapping: string;
      readonly key: string;
    }
  | { readonly kind: "balance"; readonly address: string }
  | { readonly kind: "program"; readonly program: string }
  | { readonly kind: "consensus-version" }
  | { readonly kind: "backups" }
  | {
      readonly kind: "solvency";
      readonly program: string;
      readonly address: string;
      readonly owed: readonly MappingEntry[];
    }
  | {
      readonly kind: "queue";
      readonly program: string;
      readonly head: MappingEntry;
      readonly tail: MappingEntry;
    };

export interface MappingEntry {
  readonly mapping: string;
  readonly key: string;
}

/** An entry of a mapping as it is written in a file of rules: `total_staked[0u8]`. */
export const mappingEntry = z
  .string()
  .regex(/^\w+\[\w+\]$/, "Not an entry of a mapping")
  .transform((text): MappingEntry => {
    const [mapping = "", key = ""] = text.slice(0, -1).split("[");
    return { mapping, key };
  })
  .describe("an entry of a mapping, such as paused[0u8]");

/** Where probes are read from. */
export interface Sources {
  readonly node: NodeClient;
  /** Undefined where it is not known where backups are kept. */
  readonly backups: ((ended: AbortSignal) => Promise<BackupReading>) | undefined;
}

/** What tells one probe from another. */
type Identity =
  | Extract<Probe, { kind: "entry" | "balance" | "consensus-version" | "backups" }>
  | { readonly kind: "program" | "solvency" | "queue"; readonly program: string };

/** How the store calls a probe. */
export function probeName(probe: Identity): string {
  switch (probe.kind) {
    case "entry":
      return `entry:${probe.program}/${probe.mapping}[${probe.key}]`;
    case "balance":
      return `balance:${probe.address}`;
    case "consensus-version":
    case "backups":
      return probe.kind;
    case "program":
    case "solvency":
    case "queue":
      return `${probe.kind}:${probe.program}`;
  }
}

/** Whether transactions of these programs may have changed what the probe finds. */
export function isTouched(probe: Probe, programs: ReadonlySet<string>): boolean {
  if ("program" in probe) return programs.has(probe.program);
  return probe.kind === "balance" && programs.size > 0;
}

/** @returns undefined where there is no such entry or program, or no backups are kept */
export async function readProbe(
  { node, backups }: Sources,
  probe: Probe,
  ended: AbortSignal,
): Promise<string | undefined> {
  switch (probe.kind) {
    case "entry":
      return node.mappingValue(probe.program, probe.mapping, probe.key);
    case "balance":
      return (await node.balance(probe.address)).toString();
    case "program": {
      const program = await node.program(probe.program);
      if (program === undefined) return undefined;
      const { edition, owner, amendments, source } = program;
      const checksum = checksumOf(source);
      return JSON.stringify({ edition, owner, amendments, checksum } satisfies ProgramReading);
    }
    case "consensus-version":
      return String(await node.consensusVersion());
    case "backups":
      return backups === undefined ? undefined : JSON.stringify(await backups(ended));
    case "solvency":
      return atOneHeight(node, async () => {
        const held = await node.balance(probe.address);
        const owed = await Promise.all(
          probe.owed.map((entry) => number(node, probe.program, entry)),
        );
        const sum = owed.reduce((total, part) => total + part, 0n);
        return JSON.stringify({
          held: held.toString(),
          owed: sum.toString(),
        } satisfies SolvencyReading);
      });
    case "queue":
      return atOneHeight(node, async () => {
        const head = await number(node, probe.program, probe.head);
        const tail = await number(node, probe.program, probe.tail);
        return tail > head ? head.toString() : "empty";
      });
  }
}

/** Code of a language that is newer than this project stays code that nobody declared. */
function checksumOf(source: string): string | undefined {
  try {
    return programChecksum(parseProgram(source));
  } catch (error) {
    if (error instanceof ProgramSyntaxError) return undefined;
    throw error;
  }
}

const readings = 4;

/** Reads what belongs together until no block came in between. */
async function atOneHeight(node: NodeClient, read: () => Promise<string>): Promise<string> {
  for (let reading = 0; reading < readings; reading += 1) {
    const before = await node.latestHeight();
    const value = await read();
    if ((await node.latestHeight()) === before) return value;
  }
  throw new Error(`a block came in between each of ${readings} readings`);
}

async function number(
  node: NodeClient,
  program: string,
  { mapping, key }: MappingEntry,
): Promise<bigint> {
  const value = await node.mappingValue(program, mapping, key);
  return BigInt(/^\d+/.exec(value ?? "0")?.[0] ?? 0);
}
