import { Command } from "commander";
import { addAlertCommands } from "./alerts/commands.ts";
import { addAuditCommand } from "./audit/commands.ts";
import { addBackupCommands } from "./backup/commands.ts";
import { bearClosedPipes } from "./closed-pipe.ts";
import { shownError } from "./command-line.ts";
import { addCompletionCommand, isOfCompletion } from "./completion/commands.ts";
import { addContactCommands } from "./contacts/commands.ts";
import { addDependenciesCommand } from "./dependencies/commands.ts";
import { addDeployCommands } from "./deploy/commands.ts";
import { addDocsCommands } from "./docs-check/commands.ts";
import { addDrillCommands } from "./drill/commands.ts";
import { exitCode } from "./exit-code.ts";
import { addEmergencyCommands } from "./emergency/commands.ts";
import { addFundCommand } from "./fund/commands.ts";
import { addIncidentCommands } from "./incident/commands.ts";
import { tellWhenInterrupted } from "./interrupt.ts";
import { addKeyCommands } from "./keys/commands.ts";
import { addLookCommands } from "./look/commands.ts";
import { addMaintenanceCommands } from "./maintenance/commands.ts";
import { addMigrateCommand } from "./migrate/commands.ts";
import { addMonitorCommand } from "./monitor/commands.ts";
import { addPauseCommands } from "./pause/commands.ts";
import { addReconstructCommands } from "./reconstruct/commands.ts";
import { addReportCommands } from "./report/commands.ts";
import { addRestoreCommand } from "./restore/commands.ts";
import { addScheduledCommand } from "./scheduled/commands.ts";
import { addSecurityScanCommand } from "./security-scan/commands.ts";
import { addStateCommands } from "./state-diff/commands.ts";
import { addWithdrawalCommands } from "./withdrawals/commands.ts";

bearClosedPipes();
tellWhenInterrupted();
// The SDK's wasm tells of its progress there; standard output is for the answer alone. What completes
// in the shell answers there.
if (!isOfCompletion(process.argv[2])) console.log = () => undefined;

const program = new Command("aleo-ops")
  .description("Operations on a network of Aleo programs: each line of a runbook is a command.")
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCode.ok : exitCode.wrongUsage);
  });

const groups: readonly (readonly [heading: string, add: readonly ((parent: Command) => void)[]])[] =
  [
    ["Look:", [addLookCommands]],
    [
      "Keep and move state:",
      [
        addBackupCommands,
        addRestoreCommand,
        addMigrateCommand,
        addReconstructCommands,
        addStateCommands,
        addDrillCommands,
      ],
    ],
    [
      "Deploy and act:",
      [addDeployCommands, addPauseCommands, addFundCommand, addWithdrawalCommands, addKeyCommands],
    ],
    [
      "Watch and respond:",
      [
        addMonitorCommand,
        addAlertCommands,
        addEmergencyCommands,
        addIncidentCommands,
        addMaintenanceCommands,
        addScheduledCommand,
      ],
    ],
    [
      "Report and check:",
      [
        addReportCommands,
        addAuditCommand,
        addSecurityScanCommand,
        addDependenciesCommand,
        addContactCommands,
        addDocsCommands,
      ],
    ],
  ];
for (const [heading, add] of groups) {
  program.commandsGroup(heading);
  for (const addTo of add) addTo(program);
}
program.commandsGroup("Besides:");
// Its own help, unlike that of each command, is longer than a screen, and would push the error off it.
program.showHelpAfterError("  What to do: `aleo-ops --help` lists the commands.");

try {
  await addCompletionCommand(program, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${shownError(error)}\n`);
  process.exitCode = exitCode.failed;
}
