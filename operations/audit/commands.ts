import type { Command } from "commander";
import { look, operation } from "../command-line.ts";
import { type ReportOptions, withFormat } from "../report/commands.ts";

interface AuditCommandOptions extends ReportOptions {
  readonly full?: true;
  readonly admin?: string;
}

/** `audit`. */
export function addAuditCommand(program: Command): void {
  withFormat(
    operation(
      program,
      "audit",
      "compare the network with what its team believes: programs, admins, money; exit code 3 where something is bad",
      "audit --full --network mainnet --format html --output audit.html",
    ),
  )
    .option("--full", "look at backups, drills, the bucket, receivers and dependencies as well")
    .option(
      "--admin <address>",
      "who should be admin; else the account of ALEO_PRIVATE_KEY, else who deployed",
    )
    .action((options: AuditCommandOptions) =>
      look(options, async (settings, node) => {
        const { audit } = await import("./audit.ts");
        const { answerOf } = await import("../report/format.ts");
        const { full, admin } = options;
        const found = await audit(settings, node, process.env, { isFull: full === true, admin });
        return answerOf(found, options);
      }),
    );
}
