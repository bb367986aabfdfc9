import type { Command } from "commander";
import type { Settings } from "../../settings.ts";
import { look, lookLocally, operation, type Options, work } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import { withProgress } from "../progress.ts";
import { span } from "../arguments.ts";

/** Adds what only looks at a network. */
export function addLookCommands(parent: Command): void {
  operation(
    parent,
    "health",
    "look at every endpoint and declared program; exit code 1 where something is bad",
    "health --network mainnet",
  ).action((options: Options) =>
    look(options, async (settings, node) => {
      const { checksText } = await import("../checks.ts");
      const { health } = await import("./health.ts");
      const checks = await health(settings, node);
      const isBad = checks.some(({ verdict }) => verdict === "bad");
      return {
        document: checks,
        text: checksText(checks),
        code: isBad ? exitCode.failed : exitCode.ok,
      };
    }),
  );

  operation(
    parent,
    "node",
    "show height, lag and latency of every endpoint; exit code 1 where none answers",
    "node --network testnet",
  ).action((options: Options) =>
    look(options, async (settings) => {
      const { nodeStatus, nodeText } = await import("./node.ts");
      const statuses = await nodeStatus(settings);
      const noneAnswers = statuses.every(({ problem }) => problem !== undefined);
      return {
        document: statuses,
        text: nodeText(statuses),
        code: noneAnswers ? exitCode.failed : exitCode.ok,
      };
    }),
  );

  operation(
    parent,
    "program <id>",
    "show a program as it stands on chain: its code, its admin, what it holds and owes",
    "program agent_registry_v2.aleo --network mainnet",
  )
    .option("--source", "print its source alone")
    .action((id: string, options: Options & { readonly source?: true }) =>
      look(options, async (settings, node) => {
        if (options.source === true) {
          const { programSource } = await import("./program.ts");
          const source = await programSource(settings, node, id);
          return { document: { program: id, source }, text: source.trimEnd() };
        }
        const { programStatus, programText } = await import("./program.ts");
        const { programState, programStateText } = await import("./program-state.ts");
        const status = await programStatus(settings, node, id);
        const state = await programState(node, status);
        return {
          document: { ...status, ...state },
          text: [programText(status), programStateText(state)].filter(Boolean).join("\n"),
        };
      }),
    );

  operation(
    parent,
    "balance [address]",
    "show the public balance of an address, else of the account of ALEO_PRIVATE_KEY",
    "balance --network mainnet",
  ).action((address: string | undefined, options: Options) =>
    look(options, async (settings, node) => {
      const { balance, balanceText, operatingAddress } = await import("./balance.ts");
      const found = await balance(
        node,
        address ?? (await operatingAddress(settings.network, process.env)),
      );
      return { document: found, text: balanceText(found) };
    }),
  );

  addActivity(parent);
  addFees(parent);
  addTransaction(parent);
  addFailures(parent);
}

function addActivity(parent: Command): void {
  operation(
    parent,
    "activity <program>",
    "show what a program's transactions did lately, with what is unusual about them",
    "activity agent_registry_v3.aleo --last 24h --network mainnet",
  )
    .option("--last <span>", "how far back, such as 30m or 24h", span, "1h")
    .option("--watch", "show new ones as they come, until ended with Ctrl-C")
    .action((program: string, options: Options & { last: string; watch?: true }) =>
      lookLocally(options, async (settings, connect) => {
        const { durationMs } = await import("../../monitor/rule/duration.ts");
        const { programName } = await import("../../aleo/program/id.ts");
        programName(program);
        if (options.watch === true) {
          const { watchText } = await import("./watch.ts");
          return watchText(await connect(), program, options.json === true);
        }
        const { activity, activityText } = await import("./activity.ts");
        const { network } = settings;
        const lastMs = durationMs(options.last);
        const found = await activity({ network, connect }, process.env, program, lastMs);
        if (found.transactions.length === 0) {
          // Nothing may mean that there is no such program.
          const { programStatus } = await import("./program.ts");
          await programStatus(settings, await connect(), program);
        }
        return { document: found, text: activityText(found) };
      }),
    );
}

function addFees(parent: Command): void {
  operation(
    parent,
    "fees [program]",
    "show what deploying, upgrading and calling cost now, of one program or of all that the stack declares",
    "fees agent_registry_v3.aleo --network mainnet",
  ).action((program: string | undefined, options: Options) =>
    look(options, async (settings, node) => {
      const { fees, feesText } = await import("./fees.ts");
      const programs = program === undefined ? settings.programs.map(idOf) : [program];
      const found = await withProgress((show) => fees(settings, node, process.env, programs, show));
      return { document: found, text: feesText(found) };
    }),
  );
}

function addTransaction(parent: Command): void {
  operation(
    parent,
    "transaction <id>",
    "show what became of a transaction and, where it was rejected, which statement stopped it and why",
    "transaction at1… --network mainnet",
  ).action((id: string, options: Options) =>
    work(options, async (settings, node) => {
      await mustAnswer(settings);
      const { transactionStatus, transactionText } = await import("./transaction.ts");
      const found = await withProgress((show) =>
        transactionStatus(settings, node, process.env, id, show),
      );
      return { document: found, text: transactionText(found) };
    }),
  );
}

function addFailures(parent: Command): void {
  operation(
    parent,
    "failures [program]",
    "show what was rejected lately: by function and statement, whose, what it cost, why and what to do",
    "failures --last 24h --network mainnet",
  )
    .option("--last <span>", "how far back, such as 30m or 24h", span, "1h")
    .action((program: string | undefined, options: Options & { last: string }) =>
      work(options, async (settings, node) => {
        await mustAnswer(settings);
        const { durationMs } = await import("../../monitor/rule/duration.ts");
        const { failures, failuresText } = await import("./failures.ts");
        const { programStatus } = await import("./program.ts");
        if (program !== undefined) await programStatus(settings, node, program);
        const programs = program === undefined ? settings.programs.map(idOf) : [program];
        const found = await failures(
          settings,
          node,
          process.env,
          programs,
          durationMs(options.last),
        );
        return { document: found, text: failuresText(found) };
      }),
    );
}

function idOf({ program }: { readonly program: string }): string {
  return program;
}

/** A replay bears a node that is slow for a while; but whoever looks wants to know now that it is away. */
async function mustAnswer(settings: Settings): Promise<void> {
  const { connectToLook } = await import("../connect.ts");
  const node = connectToLook(settings);
  try {
    await node.latestHeight();
  } finally {
    await node.close();
  }
}
