import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const programsLock = z.strictObject({
  /** The version of the Leo compiler. */
  leo: z.string(),
  /** By program id: SHA-256 of `src/main.leo` and of the compiled program. */
  programs: z.record(z.string(), z.strictObject({ source: sha256, compiled: sha256 })),
});

export type ProgramsLock = z.infer<typeof programsLock>;

/** The version of Leo that compiles the programs. */
export const leoVersion = "4.0.2";

export interface ProgramFiles {
  readonly id: string;
  readonly directory: string;
  readonly source: string;
  readonly compiled: string;
}

export function lockFileIn(contracts: string): string {
  return join(contracts, "programs.lock.json");
}

/** The Leo programs of a folder laid out as contracts/ is, in the order of their ids. */
export function programsIn(contracts: string): ProgramFiles[] {
  return readdirSync(contracts, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      id: `${name}.aleo`,
      directory: join(contracts, name),
      source: join(contracts, name, "src", "main.leo"),
      compiled: join(contracts, name, `${name}.aleo`),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The lock that the files as they are now would have. */
export function lockOf(contracts: string): ProgramsLock {
  return {
    leo: leoVersion,
    programs: Object.fromEntries(
      programsIn(contracts).map(({ id, source, compiled }) => [
        id,
        { source: hashOf(source), compiled: hashOf(compiled) },
      ]),
    ),
  };
}

/**
 * What in the folder differs from its lock file: a line for each difference, none where source,
 * compiled program and lock belong together.
 */
export function lockDifferences(contracts: string): string[] {
  const lock = programsLock.parse(JSON.parse(readFileSync(lockFileIn(contracts), "utf8")));
  const programs = programsIn(contracts);
  const present = new Set(programs.map(({ id }) => id));
  return [
    ...(lock.leo === leoVersion ? [] : [`compiled with Leo ${lock.leo}, not ${leoVersion}`]),
    ...Object.keys(lock.programs).flatMap((id) =>
      present.has(id) ? [] : [`${id} is locked, but not there`],
    ),
    ...programs.flatMap(({ id, source, compiled }) => {
      const locked = lock.programs[id];
      if (locked === undefined) return [`${id} is not locked`];
      return [
        ...differenceOf(`the source of ${id}`, source, locked.source),
        ...differenceOf(`the compiled ${id}`, compiled, locked.compiled),
      ];
    }),
  ];
}

function differenceOf(what: string, file: string, hash: string): string[] {
  if (!existsSync(file)) return [`${what} is not there`];
  return hashOf(file) === hash ? [] : [`${what} was changed`];
}

function hashOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
