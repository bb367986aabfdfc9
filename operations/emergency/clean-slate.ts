import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programName } from "../../aleo/program/id.ts";
import { deploymentOrder } from "../../aleo/program/order.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import type { Account } from "../account.ts";
import { deployOnce } from "../deploy/deploy-once.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { pausePrograms } from "../pause/pause.ts";
import { nextVersion, renamed } from "./rename-program.ts";

export class CleanSlateError extends AleoError {}

export interface CleanSlateReport {
  readonly programs: readonly {
    readonly from: string;
    readonly to: string;
    /** Null where an earlier run had deployed it. */
    readonly transaction: string | null;
    /** Microcredits, as a decimal string; null where nothing was sent. */
    readonly fee: string | null;
    readonly paused: boolean;
  }[];
  readonly problem?: string;
  readonly remedy?: string;
}

export interface CleanSlateOptions {
  readonly programs: readonly string[];
  /** The compiled text of a program of this project. */
  readonly sourceOf: (program: string) => string;
  /** Where the new names are kept until all is done, so that a second run goes on with them. */
  readonly notePath: string;
  readonly show: (text: string) => void;
}

/**
 * Deploys the project's own programs anew, each under its next free version name, those that import
 * one another with their new names, and pauses them before anybody knows of them. A run that was
 * stopped goes on with the same names.
 * @throws CleanSlateError before anything is sent, for a program that can't be paused
 */
export async function cleanSlate(
  account: Account,
  { programs, sourceOf, notePath, show }: CleanSlateOptions,
): Promise<CleanSlateReport> {
  const sources = new Map(programs.map((program) => [program, sourceOf(program)]));
  for (const [program, source] of sources) refuseWithoutPause(program, source);
  return account.journal.exclusively("clean-slate", async () => {
    const names = await takeNames(account.node, programs, notePath);
    const fresh = [...sources].map(([from, source]) => {
      const text = renamed(source, names);
      return { ...parseProgram(text), from, text };
    });
    const done: CleanSlateReport["programs"][number][] = [];
    try {
      for (const { from, id, text } of deploymentOrder(fresh, () => true)) {
        show(`${id}: deploying`);
        const accepted = await deployOnce(account, text);
        const deployed = {
          ...{ from, to: id, transaction: accepted?.id ?? null },
          fee: accepted?.fee?.toString() ?? null,
        };
        show(`${id}: pausing`);
        const [pause] = await pausePrograms(account, [id], true);
        const paused = pause?.outcome === "changed" || pause?.outcome === "unchanged";
        done.push({ ...deployed, paused });
        if (!paused) {
          const { problem = "", remedy = "" } = pause ?? {};
          return { programs: done, problem: `${id} is not paused: ${problem}`, remedy };
        }
      }
    } catch (error) {
      if (!(error instanceof AleoError) || done.length === 0) throw error;
      return { programs: done, problem: error.message, remedy: error.remedy };
    }
    await rm(notePath, { force: true });
    return { programs: done };
  });
}

export function notePathOf(network: string, directory = process.cwd()): string {
  return join(directory, ".state", "emergency", `clean-slate-${network}.json`);
}

function refuseWithoutPause(id: string, source: string): void {
  const functions = componentsOf(parseProgram(source), "function");
  if (functions.has("pause")) return;
  throw new CleanSlateError(`${id} has no pause, so it would be open to everybody at once.`, {
    remedy: `Nothing was sent. Take the version that has one, as ${nextVersion(id)}.`,
  });
}

const noteShape = z.record(z.string(), z.string());

/** The names of an earlier run that did not end, else the next that nobody has. */
async function takeNames(
  node: NodeClient,
  programs: readonly string[],
  path: string,
): Promise<ReadonlyMap<string, string>> {
  const noted = existsSync(path)
    ? noteShape.parse(JSON.parse(await readFile(path, "utf8")))
    : ({} as Record<string, string>);
  const names = new Map<string, string>();
  for (const program of programs) {
    names.set(program, noted[program] ?? (await freeName(node, program)));
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, JSON.stringify({ ...noted, ...Object.fromEntries(names) }), {
    flush: true,
  });
  return names;
}

async function freeName(node: NodeClient, program: string): Promise<string> {
  let name = nextVersion(program);
  programName(name);
  while ((await node.programEdition(name)) !== undefined) name = nextVersion(name);
  return name;
}

export function codeOf({ problem }: CleanSlateReport): ExitCode {
  return problem === undefined ? exitCode.ok : exitCode.partlyDone;
}

export function cleanSlateText(report: CleanSlateReport, network: string): string {
  const { programs, problem, remedy } = report;
  return [
    ...programs.map(({ from, to, transaction, fee, paused }) => {
      const how =
        transaction === null
          ? "was deployed by an earlier run"
          : `was deployed for ${formatCredits(BigInt(fee ?? 0n))} (${transaction})`;
      return `${paused ? "✔" : "✖"} ${to}, the clean ${from}, ${how}${paused ? " and is paused" : ""}`;
    }),
    ...(problem === undefined
      ? programs.flatMap(({ from, to }) => [
          `Next: aleo-ops migrate --from ${from} --to ${to} --network ${network}`,
          `      then declare ${to} (contracts/${to.slice(0, -".aleo".length)}, Pulumi.${network}.yaml), look at it, and: aleo-ops unpause ${to} --network ${network}`,
        ])
      : [
          `✖ ${problem}`,
          `    What to do: ${remedy ?? ""}`,
          "    Then run the same command again: it goes on with the same names.",
        ]),
  ].join("\n");
}
