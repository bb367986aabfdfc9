import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { AleoError } from "../../aleo/errors.ts";
import { redact } from "../../aleo/keys.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Environment, Settings } from "../../settings.ts";
import { backUp } from "../backup/backup.ts";
import { exitCode } from "../exit-code.ts";
import { plural } from "../text.ts";
import { type Check, checksText, codeOf } from "../checks.ts";
import { runOnStack } from "./stack.ts";
import { runSteps, type Step } from "./steps.ts";
import { verifyDeployment } from "./verify.ts";
import { watchCheck, watchPrograms } from "./watch.ts";

class DeployError extends AleoError {}

export interface DeployOptions {
  /** Only this program, of those that the stack declares. */
  readonly only: string | undefined;
  /** Opens the store of backups; undefined where none is wanted. */
  readonly openStore: (() => Promise<ObjectStore>) | undefined;
  readonly sourceOf: (program: string) => string;
  /** Address of the operating account, where it is known. */
  readonly account: string | undefined;
  readonly watchMs: number;
  readonly environment: Environment;
  /** Nothing is shown meanwhile. */
  readonly silent: boolean;
}

export interface DeployReport {
  readonly programs: readonly string[];
  /** By program. */
  readonly checks: Readonly<Record<string, readonly Check[]>>;
  readonly watch: Check;
  /** What Pulumi said. */
  readonly log: string;
}

/**
 * Backs up what is there, runs `up`, compares what is on chain with what is declared, and watches
 * the programs for a while. Each step can be run again: what was deployed is found and not paid
 * again, so a run that was stopped is begun anew.
 * @throws DeployError saying at which step, and that nothing after it was done
 */
export async function deploy(
  settings: Settings,
  node: NodeClient,
  options: DeployOptions,
): Promise<DeployReport> {
  const { only, environment, sourceOf, account } = options;
  const programs = chosen(settings, only);
  const log = join(".state", "deploy", `${new Date().toISOString().replaceAll(":", "")}.log`);
  const checks: Record<string, readonly Check[]> = {};
  let watch: Check | undefined;
  let height = 0;

  const backup: Step = {
    title: "Backup",
    run: (show) => backUpFirst(settings, node, programs, options.openStore, show),
  };
  const up: Step = {
    title: "Deployment",
    run: async (show) => {
      height = await node.latestHeight();
      const { code, output } = await runOnStack(upArguments(settings.network, only), {
        environment,
        onLine: (line) => {
          show(redact(line));
        },
      });
      await mkdir(join(".state", "deploy"), { recursive: true, mode: 0o700 });
      await writeFile(log, redact(output), { mode: 0o600 });
      if (code !== 0) throw upFailed(output, log);
      return `\`up\` is done, ${log} holds what it said`;
    },
  };
  const verification: Step = {
    title: "Verification",
    run: async (show) => {
      for (const program of programs) {
        show(program);
        const source = sourceOf(program);
        checks[program] = await verifyDeployment(settings, node, program, { source, account });
      }
      const differing = programs.filter((id) => codeOf(checks[id] ?? []) !== exitCode.ok);
      return differing.length === 0
        ? `${plural(programs.length, "program")} as declared`
        : `${differing.join(", ")} ${differing.length === 1 ? "is" : "are"} not as declared`;
    },
  };
  const watching: Step = {
    title: "Watch",
    run: async (show) => {
      const window = { height, forMs: options.watchMs };
      watch = watchCheck(await watchPrograms(node, programs, window, show));
      return watch.finding;
    },
  };
  await runSteps([backup, up, verification, watching], options.silent);
  if (watch === undefined) throw new DeployError("Nothing was watched.", { remedy: "Run again." });
  return { programs, checks, watch, log };
}

function chosen({ programs, network }: Settings, only: string | undefined): string[] {
  const declared = programs.map(({ program }) => program);
  if (only === undefined) return declared;
  if (declared.includes(only)) return [only];
  throw new DeployError(`Pulumi.${network}.yaml does not declare ${only}.`, {
    remedy: `Declare it there first. Declared are: ${declared.join(", ") || "none"}.`,
  });
}

async function backUpFirst(
  settings: Settings,
  node: NodeClient,
  programs: readonly string[],
  openStore: (() => Promise<ObjectStore>) | undefined,
  show: (line: string) => void,
): Promise<string> {
  if (openStore === undefined) return "left out, as was asked for";
  const editions = await Promise.all(programs.map((program) => node.programEdition(program)));
  const there = programs.filter((_, index) => editions[index] !== undefined);
  if (there.length === 0) return "nothing is deployed yet";
  const store = await openStore();
  try {
    const ids: string[] = [];
    for (const program of there) {
      const [report] = await backUp(settings, node, store, { program, source: "auto" }, show);
      if (report !== undefined && "id" in report) ids.push(report.id);
    }
    return `${ids.length} of ${there.length} in ${store.location}`;
  } finally {
    store.close();
  }
}

/** The component is a target too: without it, its program can't be made; so is what the monitor is told. */
function upArguments(network: string, only: string | undefined): string[] {
  if (only === undefined) return ["up", "--stack", network, "--yes"];
  const targets = ["**::contracts", `**::contracts-${only}*`, "**::monitor-programs"].flatMap(
    (urn) => ["--target", urn],
  );
  const quiet = ["--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"];
  const up = ["up", "--stack", network, ...quiet, "--color", "never", ...targets];
  return ["pulumi", "--stack", network, "--", ...up];
}

const shownLines = 15;

function upFailed(output: string, log: string): DeployError {
  const last = redact(output.trimEnd().split("\n").slice(-shownLines).join("\n  "));
  return new DeployError(`\`up\` failed, and nothing after it was done:\n  ${last}`, {
    remedy: `Put right what it names (all of it is in ${log}; \`aleo-ops deploy debug PROGRAM\` looks for the reason), then run again: what was deployed is not paid again.`,
  });
}

export function reportCode({ checks, watch }: DeployReport) {
  return codeOf([...Object.values(checks).flat(), watch]);
}

export function deployText({ programs, checks, watch }: DeployReport): string {
  return [
    ...programs.map((program) => checksText(checks[program] ?? [], program)),
    checksText([watch], "The blocks since"),
  ].join("\n\n");
}
