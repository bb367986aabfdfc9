import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeClient } from "../../aleo/node/client.ts";
import { consensusVersions } from "../../aleo/transaction/sdk.ts";
import type { Settings } from "../../settings.ts";
import type { Finding } from "../security-scan/finding.ts";
import { packagesLook } from "../security-scan/packages.ts";
import { treeAt } from "../security-scan/tree.ts";
import { plural, table } from "../text.ts";

/** A package of which there is a newer version. */
export interface Outdated {
  readonly name: string;
  readonly current: string;
  readonly latest: string;
}

/** What was asked, or why there is no answer. */
type Asked<Answer> = { readonly answer: Answer } | { readonly problem: string };

export interface DependenciesReport {
  readonly outdated: Asked<readonly Outdated[]>;
  readonly vulnerable: Asked<readonly Finding[]>;
  readonly leo: { readonly used: string | undefined; readonly newest: Asked<string> };
  readonly sdk: {
    readonly version: string | undefined;
    /** The newest consensus version that it knows. */
    readonly knows: number;
    readonly network: Asked<number>;
  };
}

const patienceMs = 30_000;

/**
 * What the project stands on: packages that are old or known to be vulnerable, and whether the SDK knows
 * the rules that the network has now.
 * @param ended ends the commands that ask the registries
 */
export async function dependencies(
  root: string,
  settings: Pick<Settings, "network">,
  node: NodeClient,
  ended?: AbortSignal,
): Promise<DependenciesReport> {
  const tree = await treeAt(root);
  const [outdated, { problem, findings }, newest, network] = await Promise.all([
    outdatedPackages(root, ended),
    packagesLook(tree, ended),
    newestLeo(ended),
    node.consensusVersion().then(
      (answer): Asked<number> => ({ answer }),
      (error: unknown): Asked<number> => ({
        problem: `no node of ${settings.network} answers: ${messageOf(error)}`,
      }),
    ),
  ]);
  return {
    outdated,
    vulnerable: problem === undefined ? { answer: findings } : { problem },
    leo: { used: leoOf(tree.read("contracts/programs.lock.json")), newest },
    sdk: { version: sdkVersion(root), knows: consensusVersions, network },
  };
}

/** Whether somebody must act: a package with a grave fault, or an SDK that is behind the network. */
export function needsAction({ vulnerable, sdk }: DependenciesReport): boolean {
  const isGrave =
    "answer" in vulnerable &&
    vulnerable.answer.some(({ severity }) => severity === "critical" || severity === "high");
  return isGrave || isBehind(sdk);
}

function isBehind({ knows, network }: DependenciesReport["sdk"]): boolean {
  return "answer" in network && network.answer > knows;
}

export function dependenciesText(report: DependenciesReport): string {
  const { outdated, vulnerable, leo, sdk } = report;
  return [
    "problem" in vulnerable
      ? `! faults       not looked at: ${vulnerable.problem}`
      : vulnerable.answer.length === 0
        ? "✔ faults       none is known"
        : vulnerable.answer
            .map(
              ({ severity, what, remedy }) => `✖ ${severity}  ${what}\n    What to do: ${remedy}`,
            )
            .join("\n"),
    sdkText(sdk),
    leoText(leo),
    "problem" in outdated
      ? `! packages     not looked at: ${outdated.problem}`
      : outdated.answer.length === 0
        ? "✔ packages     all are the newest"
        : `! packages     ${plural(outdated.answer.length, "package")} behind:\n${table(
            ["  Package", "Locked", "Newest"],
            outdated.answer.map(({ name, current, latest }) => [`  ${name}`, current, latest]),
          )}`,
  ].join("\n");
}

function sdkText(sdk: DependenciesReport["sdk"]): string {
  const { version, knows, network } = sdk;
  const what = `@provablehq/sdk ${version ?? "(not installed)"} knows consensus version ${knows}`;
  if ("problem" in network)
    return `! SDK          ${what}; the network's was not looked at: ${network.problem}`;
  if (!isBehind(sdk)) return `✔ SDK          ${what}, the network has ${network.answer}`;
  return `✖ SDK          ${what}, the network has ${network.answer}\n    What to do: Update @provablehq/sdk and \`consensusVersions\` in aleo/transaction/sdk.ts, run the tests, and deploy nothing before.`;
}

function leoText({ used, newest }: DependenciesReport["leo"]): string {
  const what = `programs compiled with ${used ?? "an unknown version"}`;
  if ("problem" in newest)
    return `! Leo          ${what}; the newest was not looked at: ${newest.problem}`;
  return `${newest.answer === used ? "✔" : "!"} Leo          ${what}, the newest is ${newest.answer}`;
}

async function outdatedPackages(
  root: string,
  ended: AbortSignal | undefined,
): Promise<Asked<readonly Outdated[]>> {
  const args = ["outdated", "--json", "--loglevel=silent"];
  const { stdout, problem } = await run("npm", args, { cwd: root, signal: ended });
  // With packages behind, npm fails as well, and names them.
  if (stdout === "" && problem !== undefined) return { problem };
  try {
    return { answer: outdatedIn(stdout) };
  } catch {
    return { problem: problem ?? "npm outdated gave no answer" };
  }
}

/** @throws SyntaxError where it is no answer of npm's; of a failure npm prints `{"error": …}` */
export function outdatedIn(stdout: string): Outdated[] {
  const found = JSON.parse(stdout === "" ? "{}" : stdout) as Readonly<
    Record<string, { readonly current?: string; readonly latest?: string }>
  >;
  if ("error" in found) throw new SyntaxError("npm tells of an error");
  return Object.entries(found).flatMap(([name, { current, latest }]) =>
    current === undefined || latest === undefined || current.replace(/^v/, "") === latest
      ? []
      : [{ name, current, latest }],
  );
}

async function newestLeo(ended: AbortSignal | undefined): Promise<Asked<string>> {
  const args = ["search", "leo-lang", "--limit", "1"];
  const { stdout, problem } = await run("cargo", args, { signal: ended });
  const answer = /^leo-lang = "([^"]+)"/m.exec(stdout)?.[1];
  return answer === undefined ? { problem: problem ?? "crates.io knows no leo-lang" } : { answer };
}

async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly signal: AbortSignal | undefined },
): Promise<{ readonly stdout: string; readonly problem?: string }> {
  return new Promise((resolve) => {
    execFile(command, [...args], { ...options, timeout: patienceMs }, (error, stdout) => {
      const isMissing = error !== null && "code" in error && error.code === "ENOENT";
      const reason = isMissing ? `${command} is not installed` : error?.message.split("\n")[0];
      resolve({ stdout, ...(reason !== undefined && { problem: reason }) });
    });
  });
}

function leoOf(lock: string | undefined): string | undefined {
  return lock === undefined ? undefined : (JSON.parse(lock) as { leo?: string }).leo;
}

function sdkVersion(root: string): string | undefined {
  try {
    const file = join(root, "node_modules", "@provablehq", "sdk", "package.json");
    return (JSON.parse(readFileSync(file, "utf8")) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
