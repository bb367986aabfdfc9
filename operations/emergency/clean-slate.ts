import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { ConfirmedTransaction, NodeClient } from "../../aleo/node/client.ts";
import { programName } from "../../aleo/program/id.ts";
import { deploymentOrder } from "../../aleo/program/order.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import type { Account } from "../account.ts";
import { deployOnce, NameTakenError } from "../deploy/deploy-once.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { pausePrograms } from "../pause/pause.ts";
import { readNewNames, writeNewNames } from "./new-names.ts";
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
    /** Names that were chosen for it, and that somebody else had when it was to be deployed. */
    readonly passedOver: readonly string[];
  }[];
  readonly problem?: string;
  readonly remedy?: string;
  /** The file with the new names, where a second run is to go on with them. */
  readonly note?: string;
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
 * stopped goes on with the same names; a name that somebody else took meanwhile is passed over.
 * @throws CleanSlateError before anything is sent, for a program that can't be paused
 */
export async function cleanSlate(
  account: Account,
  { programs, sourceOf, notePath, show }: CleanSlateOptions,
): Promise<CleanSlateReport> {
  const originals = programs.map((program) => {
    const source = sourceOf(program);
    refuseWithoutPause(program, source);
    return { ...parseProgram(source), source };
  });
  return account.journal.exclusively("clean-slate", async () => {
    const noted = await readNewNames(notePath);
    const names = new Map(noted);
    for (const program of programs) {
      if (!names.has(program)) names.set(program, await nextFreeName(account.node, program));
    }
    await writeNewNames(notePath, names);
    const done: CleanSlateReport["programs"][number][] = [];
    try {
      for (const { id: from, source } of deploymentOrder(originals, () => true)) {
        const { to, transaction, passedOver } = await deployRenamed(account, from, source, {
          ...{ names, show },
          keep: () => writeNewNames(notePath, names),
        });
        show(`${to}: pausing`);
        const [pause] = await pausePrograms(account, [to], true);
        const paused = pause?.outcome === "changed" || pause?.outcome === "unchanged";
        done.push({
          ...{ from, to, paused, passedOver },
          transaction: transaction?.id ?? null,
          fee: transaction?.fee?.toString() ?? null,
        });
        if (!paused) {
          const { problem = "", remedy = "" } = pause ?? {};
          return {
            ...{ programs: done, note: notePath, remedy },
            problem: `${to} is not paused: ${problem}`,
          };
        }
      }
    } catch (error) {
      if (!(error instanceof AleoError) || done.length === 0) throw error;
      const { message: problem, remedy } = error;
      return { programs: done, problem, remedy, note: notePath };
    }
    for (const program of programs) names.delete(program);
    await writeNewNames(notePath, names);
    return { programs: done };
  });
}

interface Renaming {
  /** Of the programs that are deployed together; the new name of one may change. */
  readonly names: Map<string, string>;
  readonly keep: () => Promise<void>;
  readonly show: (text: string) => void;
}

/** Under the noted name, or under the next free one where that is somebody else's by now. */
async function deployRenamed(
  account: Account,
  from: string,
  source: string,
  { names, keep, show }: Renaming,
): Promise<{
  readonly to: string;
  readonly transaction: ConfirmedTransaction | undefined;
  readonly passedOver: readonly string[];
}> {
  const passedOver: string[] = [];
  for (;;) {
    const to = names.get(from) ?? nextVersion(from);
    show(`${to}: deploying`);
    try {
      const transaction = await deployOnce(account, renamed(source, names));
      return { to, transaction, passedOver };
    } catch (error) {
      if (!(error instanceof NameTakenError)) throw error;
      show(error.message);
      passedOver.push(to);
      names.set(from, await nextFreeName(account.node, to));
      await keep();
    }
  }
}

function refuseWithoutPause(id: string, source: string): void {
  const functions = componentsOf(parseProgram(source), "function");
  if (functions.has("pause")) return;
  throw new CleanSlateError(`${id} has no pause, so it would be open to everybody at once.`, {
    remedy: `Nothing was sent. Take the version that has one, as ${nextVersion(id)}.`,
  });
}

async function nextFreeName(node: NodeClient, id: string): Promise<string> {
  let name = nextVersion(id);
  programName(name);
  while ((await node.programEdition(name)) !== undefined) name = nextVersion(name);
  return name;
}

export function codeOf({ problem }: CleanSlateReport): ExitCode {
  return problem === undefined ? exitCode.ok : exitCode.partlyDone;
}

export function cleanSlateText(report: CleanSlateReport, network: string): string {
  const { programs, problem, remedy, note } = report;
  return [
    ...programs.flatMap(({ from, to, transaction, fee, paused, passedOver }) => {
      const how =
        transaction === null
          ? "was deployed by an earlier run"
          : `was deployed for ${formatCredits(BigInt(fee ?? 0n))} (${transaction})`;
      return [
        ...passedOver.map((name) => `! ${name} is somebody else's: it was passed over`),
        `${paused ? "✔" : "✖"} ${to}, the clean ${from}, ${how}${paused ? " and is paused" : ""}`,
      ];
    }),
    ...(problem === undefined
      ? programs.flatMap(({ from, to }) => ["", ...nextSteps(from, to, network)])
      : [
          `✖ ${problem}`,
          `    What to do: ${remedy ?? ""}`,
          `    Then run the same command again: it goes on with the names in ${note ?? ""}.`,
        ]),
  ].join("\n");
}

/** From the old program to the clean one that runs: the commands on lines of their own. */
function nextSteps(from: string, to: string, network: string): string[] {
  return [
    `Next, where the state of ${from} was touched, bring back the one before: that after BLOCK, as the backup ID`,
    `    aleo-ops reconstruct --program ${from} --at BLOCK --network ${network}`,
    `    aleo-ops restore --backup-id ID --contract ${from} --to ${to} --network ${network}`,
    "and where it was not, carry it over:",
    `    aleo-ops migrate --from ${from} --to ${to} --verify --network ${network}`,
    `Then declare ${to} (contracts/${to.slice(0, -".aleo".length)}, Pulumi.${network}.yaml), look at it, and let it run:`,
    `    aleo-ops unpause ${to} --network ${network}`,
  ];
}
