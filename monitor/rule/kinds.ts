import type { Kind } from "./kind.ts";
import { backupAge } from "./kinds/backup-age.ts";
import { calls } from "./kinds/calls.ts";
import { consensusVersion } from "./kinds/consensus-version.ts";
import { endpointDisagreement } from "./kinds/endpoint-disagreement.ts";
import { expression } from "./kinds/expression.ts";
import { failureRate } from "./kinds/failure-rate.ts";
import { fees } from "./kinds/fees.ts";
import { heightStalled } from "./kinds/height-stalled.ts";
import { lowBalance } from "./kinds/low-balance.ts";
import { monitorLag } from "./kinds/monitor-lag.ts";
import { outflow } from "./kinds/outflow.ts";
import { paused } from "./kinds/paused.ts";
import { programChanged } from "./kinds/program-changed.ts";
import { responseTime } from "./kinds/response-time.ts";
import { restoreAge } from "./kinds/restore-age.ts";
import { solvency } from "./kinds/solvency.ts";
import { withdrawalsWaiting } from "./kinds/withdrawals-waiting.ts";

/** Every kind of rule, by its name. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [
    backupAge,
    calls,
    consensusVersion,
    endpointDisagreement,
    expression,
    failureRate,
    fees,
    heightStalled,
    lowBalance,
    monitorLag,
    outflow,
    paused,
    programChanged,
    responseTime,
    restoreAge,
    solvency,
    withdrawalsWaiting,
  ].map((kind) => [kind.name, kind]),
);
