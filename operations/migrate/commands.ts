import { join } from "node:path";
import type { Command } from "commander";
import { given } from "../../aleo/environment.ts";
import { type Answer, operation, type Options, work } from "../command-line.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import { exitCode } from "../exit-code.ts";
import { withProgress } from "../progress.ts";

interface MigrateOptions extends Options {
  readonly from: string;
  readonly to: string;
  readonly verify?: true;
  readonly dryRun?: true;
}

/** `migrate`. */
export function addMigrateCommand(program: Command): void {
  operation(
    program,
    "migrate",
    "carry the state of a program over to its paused successor, and again what changed meanwhile; exit code 3 where an entry or a total differs in the end, 4 where only a part is carried over",
    "migrate --from agent_registry_v2.aleo --to agent_registry_v3.aleo --verify",
  )
    .requiredOption("--from <program>", "the old program")
    .requiredOption("--to <program>", "the new one, paused")
    .option("--verify", "read both once more at the end, and compare every entry and the totals")
    .option("--dry-run", "say what would be carried over and what it would cost")
    .action((options: MigrateOptions) =>
      work(options, (settings, node) =>
        options.dryRun === true ? planned(options, settings, node) : done(options, settings, node),
      ),
    );
}

async function planned(
  { from, to }: MigrateOptions,
  settings: Settings,
  node: NodeClient,
): Promise<Answer> {
  const { pairOf } = await import("./pairs.ts");
  const pair = await pairOf(node, from, to);
  const { planMigration, planText, prepare } = await import("./plan.ts");
  const { batchesFor, priceOf } = await import("../restore/plan.ts");
  const { pricingBuilder } = await import("../../aleo/transaction/builders.ts");
  const { operatingAccount } = await import("../account.ts");
  const prepared = await prepare(node, pair);
  const signer =
    given(process.env, "ALEO_PRIVATE_KEY") === undefined
      ? undefined
      : await operatingAccount(settings, node, process.env, "a migration").builder.signer();
  const plan = await planMigration(node, pair, prepared, signer);
  const batches =
    plan.transactions === 0 ? [] : batchesFor(prepared.target, prepared.translated.snapshot);
  const fee = await priceOf(pricingBuilder(node), prepared.target.callee, batches);
  return {
    document: { ...plan, fee: fee.toString() },
    text: `${planText(plan, fee)}\nNothing was sent.`,
    code: plan.obstacles.length === 0 ? exitCode.ok : exitCode.failed,
  };
}

async function done(
  { from, to, verify }: MigrateOptions,
  settings: Settings,
  node: NodeClient,
): Promise<Answer> {
  const { pairOf } = await import("./pairs.ts");
  const pair = await pairOf(node, from, to);
  const { operatingAccount } = await import("../account.ts");
  const { codeOf, migrate, migrationText } = await import("./run.ts");
  const account = operatingAccount(settings, node, process.env, "a migration");
  const options = { verify: verify === true, stateDirectory: join(process.cwd(), ".state") };
  const report = await withProgress((show) => migrate(account, pair, options, show));
  return { document: report, text: migrationText(report), code: codeOf(report) };
}
