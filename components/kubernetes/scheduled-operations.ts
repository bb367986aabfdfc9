import type { Severity } from "../alerts/escalation-matrix.ts";

/** An operation that runs by itself, and what it needs for that. */
export interface ScheduledOperation {
  /** By which settings name it; the name of its CronJob. */
  readonly id: string;
  /** What follows `aleo-ops`, without the network. */
  readonly command: readonly string[];
  /** Five fields, in the time zone of the schedule. */
  readonly schedule: string;
  /** After how many seconds Kubernetes ends a run; a minute before, it ends by itself and tells. */
  readonly deadlineSeconds: number;
  /** How many seconds late it may still start. */
  readonly startingDeadlineSeconds: number;
  /** How often a failed run is tried again, before it is told of. */
  readonly retries: number;
  /** Of the alert that a failed run is. */
  readonly severity: Severity;
  /** Whether what it found is posted to Slack, by mail and to the webhook where all is well, too. */
  readonly isPosted: boolean;
  /** What to do about a failed run. */
  readonly runbook: string;
  /** What it may do with backups; what only reads them runs where there are none, and says so. */
  readonly backups: "appender" | "reader" | "verifier" | "none";
  /** Whether it signs transactions, and so needs the key and a journal that outlives it. */
  readonly needsKey: boolean;
  /** Whether it asks the monitor: it can't do without, or says what it could not find out. */
  readonly monitor: "needed" | "asked" | "none";
  /** Size of the folder that it may write, as Kubernetes counts: `64Mi`. */
  readonly scratch: string;
  /** Memory that it may take, as Kubernetes counts. */
  readonly memory: string;
}

const minutes = 60;
const hours = 60 * minutes;

const usual = {
  startingDeadlineSeconds: 1 * hours,
  retries: 2,
  severity: "medium",
  isPosted: false,
  backups: "none",
  needsKey: false,
  monitor: "none",
  scratch: "64Mi",
  // 88 MB of it for the process that runs the operation and tells of it.
  memory: "640Mi",
} as const;

/** Everything that a network's operation does by the clock. */
export const scheduledOperations: readonly ScheduledOperation[] = [
  {
    ...usual,
    id: "backup",
    command: ["backup", "--all"],
    schedule: "0 */6 * * *",
    deadlineSeconds: 2 * hours,
    retries: 3,
    runbook: "runbooks/daily.md",
    backups: "appender",
    scratch: "4Gi",
  },
  {
    ...usual,
    id: "backup-verification",
    command: ["backups", "verify", "--newest", "--read-data"],
    schedule: "30 4 * * *",
    deadlineSeconds: 2 * hours,
    severity: "high",
    runbook: "runbooks/restore.md",
    backups: "verifier",
    scratch: "4Gi",
  },
  {
    ...usual,
    id: "health-check",
    command: ["report", "daily"],
    schedule: "0 9 * * *",
    deadlineSeconds: 10 * minutes,
    retries: 1,
    isPosted: true,
    runbook: "runbooks/daily.md",
    backups: "reader",
    monitor: "asked",
  },
  {
    ...usual,
    id: "alert-summary",
    command: ["alerts", "summary", "--last", "24h"],
    schedule: "5 9 * * *",
    deadlineSeconds: 5 * minutes,
    severity: "low",
    isPosted: true,
    runbook: "runbooks/daily.md",
    monitor: "needed",
  },
  {
    ...usual,
    id: "performance-report",
    command: ["report", "weekly"],
    schedule: "0 8 * * 1",
    deadlineSeconds: 30 * minutes,
    severity: "low",
    isPosted: true,
    runbook: "runbooks/weekly.md",
    monitor: "needed",
  },
  {
    ...usual,
    id: "security-scan",
    command: ["security-scan", "--deep"],
    schedule: "0 5 * * 0",
    deadlineSeconds: 1 * hours,
    runbook: "runbooks/weekly.md",
  },
  {
    ...usual,
    id: "docs-check",
    command: ["docs", "check"],
    schedule: "0 6 * * 1",
    deadlineSeconds: 10 * minutes,
    severity: "low",
    runbook: "runbooks/weekly.md",
  },
  {
    ...usual,
    id: "audit",
    command: ["audit", "--full"],
    schedule: "0 7 1 * *",
    deadlineSeconds: 1 * hours,
    runbook: "runbooks/monthly.md",
    backups: "reader",
    monitor: "asked",
  },
  {
    ...usual,
    id: "restore-drill",
    command: ["drill", "restore"],
    schedule: "0 2 15 * *",
    deadlineSeconds: 4 * hours,
    severity: "high",
    runbook: "runbooks/monthly.md",
    backups: "verifier",
    scratch: "8Gi",
    memory: "1152Mi",
  },
  {
    ...usual,
    id: "withdrawals",
    command: ["withdrawals", "process", "--all"],
    schedule: "*/15 * * * *",
    deadlineSeconds: 14 * minutes,
    startingDeadlineSeconds: 5 * minutes,
    // The next run comes soon, and looks first what became of the one before.
    retries: 0,
    severity: "high",
    runbook: "runbooks/withdrawals.md",
    needsKey: true,
    // For proofs made here; how much they take was not measured.
    scratch: "1Gi",
    memory: "4Gi",
  },
];
