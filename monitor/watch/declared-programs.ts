import { readFileSync } from "node:fs";
import { z } from "zod";
import { DeclaredProgramsError } from "../errors.ts";
import type { ProbeStore } from "../store/probe-store.ts";
import { probeName } from "./probe.ts";
import { readingOf } from "./readings.ts";

/** The checksum of each program as the stack declares it, by id. */
export type DeclaredPrograms = Readonly<Record<string, string>>;

const declaredPrograms = z.record(
  z.string().regex(/^\w+\.aleo$/),
  z.string().regex(/^[0-9a-f]{64}$/),
);

/** @throws DeclaredProgramsError for a file that is missing or is not as the stack writes it */
export function readDeclaredPrograms(file: string): DeclaredPrograms {
  try {
    return declaredPrograms.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new DeclaredProgramsError(`${file} does not tell which programs the stack declares.`, {
      remedy:
        'It holds {"x.aleo": "<checksum>"} and is made by `pulumi up`: run it again, or leave MONITOR_PROGRAMS out.',
      cause,
    });
  }
}

/**
 * Takes a new edition for right whose code is what the stack declares, unless somebody else than
 * before put it on chain.
 * @returns the ids of the programs whose new edition was taken
 */
export function acceptDeclared(probes: ProbeStore, declared: DeclaredPrograms): string[] {
  return Object.entries(declared).flatMap(([program, checksum]) => {
    const name = probeName({ kind: "program", program });
    const reading = probes.get(name)?.value;
    const accepted = probes.fact(`accepted:${name}`);
    if (reading === undefined || accepted === undefined) return [];
    const found = readingOf("program", reading);
    const before = readingOf("program", accepted);
    const isDeclared =
      found.checksum === checksum && found.owner === before.owner && found.edition > before.edition;
    if (!isDeclared) return [];
    probes.setFact(`accepted:${name}`, reading);
    return [program];
  });
}
