import { readdirSync, readFileSync } from "node:fs";
import { Program as SdkProgram } from "@provablehq/sdk/testnet.js";
import { canonicalText } from "../../../aleo/program/canonical.ts";
import { parseProgram, ProgramSyntaxError } from "../../../aleo/program/parse.ts";

const folder = new URL("samples/", import.meta.url);

/** The programs written for these tests, by file name. */
export const samples: ReadonlyMap<string, string> = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]),
);

export function sample(name: string): string {
  const text = samples.get(name);
  if (text === undefined) throw new Error(`There is no sample ${name}.`);
  return text;
}

/** What the chain's own parser makes of a text; undefined where it refuses it. */
export function chainText(text: string): string | undefined {
  let program: SdkProgram;
  try {
    program = SdkProgram.fromString(text);
  } catch {
    return undefined;
  }
  const canonical = program.toString();
  program.free();
  return canonical;
}

/** What this project's parser makes of a text; undefined where it refuses it. */
export function ourText(text: string): string | undefined {
  try {
    return canonicalText(parseProgram(text));
  } catch (error) {
    if (error instanceof ProgramSyntaxError) return undefined;
    throw error;
  }
}
