import { type Command, InvalidArgumentError } from "commander";
import type { Settings } from "../../settings.ts";
import { type Answer, look, operation, type Options, report, work } from "../command-line.ts";
import { blockHeight, span } from "../arguments.ts";

interface SetupOptions extends Options {
  readonly contract: string;
  readonly thresholdTxFailRate?: number;
  readonly thresholdResponseTime?: number;
}

type Alerts = typeof import("./alerts.ts");

/** `alerts …`. */
export function addAlertCommands(program: Command): void {
  const alerts = program.command("alerts").description("look after the monitor's rules and alerts");

  operation(
    alerts,
    "check",
    "check a network's file of rules; an error names its line",
    "alerts check --network testnet",
  )
    .option("--rules <file>", "this file; else <network>.yaml in MONITOR_RULES")
    .action((options: Options & { rules?: string }) =>
      run(options, ({ checkRules }, { network }) =>
        checkRules(network, process.env, options.rules),
      ),
    );

  operation(
    alerts,
    "setup",
    "have a program watched, and set the thresholds of its rules; shows what it changes in the file of rules",
    "alerts setup --contract agent_registry_v2.aleo --threshold-tx-fail-rate 0.1 --threshold-response-time 3000",
  )
    .requiredOption("--contract <program>", "the program", programId)
    .option("--threshold-tx-fail-rate <share>", "share of calls that may be rejected", number)
    .option("--threshold-response-time <ms>", "how long an endpoint may take to answer", number)
    .action((options: SetupOptions) =>
      look(options, async (settings, node) => {
        const { setUpAlerts } = await import("./setup.ts");
        const { contract, thresholdTxFailRate, thresholdResponseTime } = options;
        return setUpAlerts(settings, process.env, node, contract, {
          failureRate: thresholdTxFailRate,
          responseTimeMs: thresholdResponseTime,
        });
      }),
    );

  operation(
    alerts,
    "add-contract",
    "have one more program watched; a monitor that runs does so without a restart",
    "alerts add-contract agent_registry_v3.aleo --network testnet",
  )
    .argument("<program>", "the program", programId)
    .action((program: string, options: Options) =>
      look(options, async (settings, node) => {
        const { addContract } = await import("./setup.ts");
        return addContract(settings, process.env, node, program);
      }),
    );

  operation(
    alerts,
    "test <rule>",
    "send an alert that is marked as a test through every route",
    "alerts test tx-failure-rate --network testnet",
  ).action((rule: string, options: Options) =>
    run(options, ({ testAlert }, { network }) => testAlert(network, process.env, rule)),
  );

  operation(
    alerts,
    "summary",
    "show the alerts and transactions of the last time",
    "alerts summary --last 24h --network mainnet",
  )
    .option("--last <span>", "such as 24h or 7d", span, "24h")
    .action((options: Options & { last: string }) =>
      run(options, ({ alertSummary }, { network }) =>
        alertSummary(network, process.env, options.last),
      ),
    );

  operation(
    alerts,
    "backtest",
    "show what the rules would have told over old blocks; nobody is told",
    "alerts backtest --from-block 7100000 --to-block 7101000 --rules candidate.yaml --network testnet",
  )
    .requiredOption("--from-block <height>", "the first block", blockHeight)
    .requiredOption("--to-block <height>", "the last block", blockHeight)
    .option("--rules <file>", "compare the rules in force with those of this file")
    .action(
      (
        options: Options & { fromBlock: number; toBlock: number; rules?: string },
        command: Command,
      ) => {
        const { fromBlock: from, toBlock: to, rules } = options;
        if (from > to) command.error("error: --from-block is behind --to-block");
        return work(options, async (settings, node) => {
          const { backtestAnswer } = await import("../monitor/backtest.ts");
          return backtestAnswer(settings, process.env, node, { from, to }, rules);
        });
      },
    );

  operation(alerts, "list", "show the open alerts", "alerts list --network testnet").action(
    (options: Options) =>
      run(options, ({ openAlerts }, { network }) => openAlerts(network, process.env)),
  );

  operation(
    alerts,
    "acknowledge",
    "say that somebody looks after an alert",
    'alerts acknowledge 12 --by "Ada" --network testnet',
  )
    .argument("<id>", "its number in `alerts list`", serial)
    .requiredOption("--by <name>", "who does")
    .action((id: number, options: Options & { by: string }) =>
      run(options, ({ acknowledge }, { network }) =>
        acknowledge(network, process.env, id, options.by),
      ),
    );

  operation(
    alerts,
    "silence <rule>",
    "keep a rule from telling anybody for a time; what fires is kept all the same",
    'alerts silence paused --for 2h --reason "planned migration" --network testnet',
  )
    .option("--subject <name>", "only of this program, endpoint or account")
    .requiredOption("--for <span>", "such as 30m or 2h", span)
    .requiredOption("--reason <text>", "why")
    .action((rule: string, options: Options & { subject?: string; for: string; reason: string }) =>
      run(options, ({ silence }, { network }) =>
        silence(network, process.env, { ...options, rule, last: options.for }),
      ),
    );

  operation(
    alerts,
    "silences",
    "show the silences that hold",
    "alerts silences --network testnet",
  ).action((options: Options) =>
    run(options, ({ listSilences }, { network }) => listSilences(network, process.env)),
  );

  operation(
    alerts,
    "unsilence",
    "end a silence before its time",
    "alerts unsilence 3 --network testnet",
  )
    .argument("<id>", "its number in `alerts silences`", serial)
    .action((id: number, options: Options) =>
      run(options, ({ endSilence }, { network }) => endSilence(network, process.env, id)),
    );

  operation(
    alerts,
    "accept <program>",
    "accept a program as it stands on chain (or consensus-version), so that its change is told of no more",
    "alerts accept agent_registry_v3.aleo --network testnet",
  ).action((id: string, options: Options) =>
    run(options, ({ accept }, { network }) => accept(network, process.env, id)),
  );
}

async function run(
  options: Options,
  work: (alerts: Alerts, settings: Settings) => Answer | Promise<Answer>,
): Promise<void> {
  const { settingsFromFile } = await import("../stack-file.ts");
  const settings = settingsFromFile(options.network, process.cwd(), process.env);
  report(options, await work(await import("./alerts.ts"), settings));
}

function programId(text: string): string {
  if (/^\w+\.aleo$/.test(text)) return text;
  throw new InvalidArgumentError("It must be the id of a program, such as agent_registry_v3.aleo.");
}

function serial(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from the list.");
}

function number(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number.");
}
