#!/usr/bin/env node
import { Command } from "commander";
import { addAlertCommands } from "./alerts/commands.ts";
import { addAuditCommand } from "./audit/commands.ts";
import { addBackupCommands } from "./backup/commands.ts";
import { bearClosedPipes } from "./closed-pipe.ts";
import { shownError } from "./command-line.ts";
import { addCompletionCommand } from "./completion/commands.ts";
import { addContactCommands } from "./contacts/commands.ts";
import { addDependenciesCommand } from "./dependencies/commands.ts";
import { addDocsCommands } from "./docs-check/commands.ts";
import { addDrillCommands } from "./drill/commands.ts";
import { exitCode } from "./exit-code.ts";
import { addEmergencyCommands } from "./emergency/commands.ts";
import { addIncidentCommands } from "./incident/commands.ts";
import { addKeyCommands } from "./keys/commands.ts";
import { addLookCommands } from "./look/commands.ts";
import { addMigrateCommand } from "./migrate/commands.ts";
import { addMonitorCommand } from "./monitor/commands.ts";
import { addPauseCommands } from "./pause/commands.ts";
import { addReportCommands } from "./report/commands.ts";
import { addReconstructCommands } from "./reconstruct/commands.ts";
import { addRestoreCommand } from "./restore/commands.ts";
import { addSecurityScanCommand } from "./security-scan/commands.ts";
import { addStateCommands } from "./state-diff/commands.ts";
import { addWithdrawalCommands } from "./withdrawals/commands.ts";

bearClosedPipes();

const program = new Command("aleo-ops")
  .description("Operations on a network of Aleo programs: each line of a runbook is a command.")
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCode.ok : exitCode.wrongUsage);
  });

addLookCommands(program);
addBackupCommands(program);
addRestoreCommand(program);
addMigrateCommand(program);
addReconstructCommands(program);
addStateCommands(program);
addMonitorCommand(program);
addAlertCommands(program);
addWithdrawalCommands(program);
addDrillCommands(program);
addReportCommands(program);
addAuditCommand(program);
addPauseCommands(program);
addSecurityScanCommand(program);
addEmergencyCommands(program);
addKeyCommands(program);
addDependenciesCommand(program);
addContactCommands(program);
addIncidentCommands(program);
addDocsCommands(program);

try {
  await addCompletionCommand(program, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${shownError(error)}\n`);
  process.exitCode = exitCode.failed;
}
