import { constants } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { AleoError } from "../../aleo/errors.ts";
import { networks } from "../../aleo/network.ts";
import { type Severity, severities } from "../../monitor/alert/severity.ts";
import { wholeNumber } from "../arguments.ts";
import { operation, type Options, report } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import type { ScheduledRun } from "./run.ts";
import type { Scheduled } from "./tell.ts";

interface ScheduledOptions extends Options {
  readonly severity: Severity;
  readonly minutes: number;
  readonly retries: number;
  readonly runbook?: string;
  readonly post?: true;
}

/** `scheduled`: how a CronJob runs the other commands. */
export function addScheduledCommand(parent: Command): void {
  const command = operation(
    parent,
    "scheduled",
    "run a command as the scheduled jobs do: try it again, tell the receivers of alerts that it failed, and of the next run that it is over",
    "scheduled backup-verification --severity high --network testnet -- backups verify --newest",
  )
    .argument("<name>", "by which the alert is known again", identifier)
    .argument("<command...>", "what follows aleo-ops, after --; it gets the same --network")
    .addOption(
      new Option("--severity <severity>", "of the alert that a failed run is")
        .choices(severities)
        .makeOptionMandatory(),
    )
    .option("--minutes <count>", "how long it may take, with all tries", wholeNumber(1, 9_999), 60)
    .option("--retries <count>", "how often a failed run is tried again", wholeNumber(0, 99), 0)
    .option("--runbook <path>", "what to do about a failed run")
    .option("--post", "post what it found to Slack, by mail and to the webhook")
    .action(async (name: string, words: readonly string[], options: ScheduledOptions) => {
      await runAndTell(command, name, words, options);
    });
}

const firstWaitMs = 10_000;

async function runAndTell(
  command: Command,
  name: string,
  words: readonly string[],
  options: ScheduledOptions,
): Promise<void> {
  const network = networks.find((one) => one === options.network);
  if (network === undefined) command.error(`error: there is no network "${options.network}"`);
  const { redactor, secretsOf } = await import("../../monitor/redact.ts");
  const { runScheduled } = await import("./run.ts");
  const { severity, runbook, minutes, retries, post } = options;
  const run = await runScheduled({
    words: [...words, "--network", network],
    environment: process.env,
    withinMs: minutes * 60_000,
    retries,
    firstWaitMs,
  });
  const redact = redactor(secretsOf(process.env));
  const shown = { ...run, stdout: redact(run.stdout), stderr: redact(run.stderr) };
  const scheduled = { operation: name, network, severity, runbook, isPosted: post === true };
  const lines = run.interruptedBy === undefined ? await tellOf(scheduled, shown) : [];
  const { code, end, tries } = run;
  report(options, {
    document: { operation: name, network, code, end, tries, stdout: shown.stdout, told: lines },
    text: [shown.stdout.trimEnd(), ...lines].filter((line) => line !== "").join("\n"),
  });
  // What no exit code of ours says is a failure like any other, but an interruption is none.
  process.exitCode =
    run.interruptedBy === undefined
      ? (code ?? exitCode.failed)
      : 128 + constants.signals[run.interruptedBy];
}

/** An alert that can't be sent keeps no operation from being done. */
async function tellOf(scheduled: Scheduled, run: ScheduledRun): Promise<string[]> {
  const { routesOf } = await import("../../monitor/settings.ts");
  const { tellOfRun, toldText } = await import("./tell.ts");
  const { LastTold } = await import("./last-told.ts");
  const memory = new LastTold(process.env, scheduled.network, scheduled.operation);
  try {
    const routes = routesOf(process.env, Date.now);
    const [now, last] = [new Date(), await memory.read()];
    const told = await tellOfRun(routes, scheduled, run, now, last);
    await memory.write(told.inMessages);
    return toldText(run, told);
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return [`✖ Nobody was told: ${error.explain()}`];
  }
}

function identifier(text: string): string {
  if (/^[a-z][\w-]{0,62}$/i.test(text)) return text;
  throw new InvalidArgumentError("It is letters, digits and hyphens, as backup-verification.");
}
