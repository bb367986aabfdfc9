import type { Command } from "commander";
import type { Settings } from "../../settings.ts";
import { span } from "../arguments.ts";
import { operation, type Options, report } from "../command-line.ts";

type Maintenance = typeof import("./maintenance.ts");
type Part = import("./maintenance.ts").MaintenancePart;

/** `maintenance …`. */
export function addMaintenanceCommands(program: Command): void {
  const maintenance = program
    .command("maintenance")
    .description("keep alerts from paging during planned work");

  operation(
    maintenance,
    "start",
    "silence the monitor and open a maintenance window in PagerDuty, both with an end",
    'maintenance start --for 2h --reason "migration to v4" --network mainnet',
  )
    .requiredOption("--for <span>", "such as 30m or 2h", span)
    .requiredOption("--reason <text>", "why")
    .option("--critical", "keep critical alerts back as well, which page all the same otherwise")
    .action((options: Options & { for: string; reason: string; critical?: true }) =>
      run(options, ({ startMaintenance }, settings) =>
        startMaintenance(settings, process.env, {
          last: options.for,
          reason: options.reason,
          critical: options.critical === true,
        }),
      ),
    );

  operation(
    maintenance,
    "end",
    "end both before their time",
    "maintenance end --network mainnet",
  ).action((options: Options) =>
    run(options, ({ endMaintenance }, settings) => endMaintenance(settings, process.env)),
  );
}

async function run(
  options: Options,
  work: (maintenance: Maintenance, settings: Settings) => Promise<Part[]>,
): Promise<void> {
  const { settingsFromFile } = await import("../stack-file.ts");
  const maintenance = await import("./maintenance.ts");
  const settings = settingsFromFile(options.network, process.cwd(), process.env);
  const parts = await work(maintenance, settings);
  report(options, {
    document: parts,
    text: maintenance.maintenanceText(parts),
    code: maintenance.codeOf(parts),
  });
}
