/** A metric of the monitor: what Prometheus rules and dashboards are made from as well. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
}

const define = <Names extends string>(
  definitions: Readonly<Record<Names, Omit<MetricDefinition, "labels"> & { labels?: string[] }>>,
) =>
  Object.fromEntries(
    Object.entries<Omit<MetricDefinition, "labels"> & { labels?: string[] }>(definitions).map(
      ([key, definition]) => [key, { labels: [], ...definition }],
    ),
  ) as unknown as Readonly<Record<Names, MetricDefinition>>;

/** Every metric, in one place, so that names can't drift apart. */
export const metricDefinitions = define({
  height: {
    name: "aleo_ops_monitor_height",
    help: "Height of the last block that the monitor has read",
    type: "gauge",
  },
  head: {
    name: "aleo_ops_chain_height",
    help: "Greatest height that an endpoint serves",
    type: "gauge",
  },
  lagBlocks: {
    name: "aleo_ops_monitor_lag_blocks",
    help: "Blocks that the monitor is behind the chain",
    type: "gauge",
  },
  lagSeconds: {
    name: "aleo_ops_monitor_lag_seconds",
    help: "Seconds since the last block that the monitor has read was made",
    type: "gauge",
  },
  lastPoll: {
    name: "aleo_ops_monitor_last_poll_timestamp_seconds",
    help: "When the chain was last followed to its end",
    type: "gauge",
  },
  blocks: {
    name: "aleo_ops_blocks_total",
    help: "Blocks read",
    type: "counter",
  },
  aborted: {
    name: "aleo_ops_aborted_transactions_total",
    help: "Aborted transactions in the blocks read, of any program",
    type: "counter",
  },
  blockInterval: {
    name: "aleo_ops_block_interval_seconds",
    help: "Time from block to block",
    type: "histogram",
    buckets: [1, 2, 3, 4, 5, 8, 15, 30, 60, 300],
  },
  transactions: {
    name: "aleo_ops_transactions_total",
    help: "Transactions of the watched programs",
    type: "counter",
    labels: ["program", "kind", "function", "status"],
  },
  fees: {
    name: "aleo_ops_fees_microcredits_total",
    help: "Fees that calls and deployments of the watched programs cost, rejected ones too",
    type: "counter",
    labels: ["program", "status"],
  },
  creditsIn: {
    name: "aleo_ops_credits_in_microcredits_total",
    help: "Credits that came into a program's account",
    type: "counter",
    labels: ["program"],
  },
  creditsOut: {
    name: "aleo_ops_credits_out_microcredits_total",
    help: "Credits that left a program's account",
    type: "counter",
    labels: ["program"],
  },
  operations: {
    name: "aleo_ops_mapping_operations_total",
    help: "Mapping entries that transactions of the watched programs set or removed",
    type: "counter",
    labels: ["program"],
  },
  endpointAnswer: {
    name: "aleo_ops_endpoint_answer_seconds",
    help: "How long an endpoint takes to answer with its newest block",
    type: "histogram",
    labels: ["endpoint"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5],
  },
  endpointUp: {
    name: "aleo_ops_endpoint_up",
    help: "1 where the endpoint answered the last time and serves this chain",
    type: "gauge",
    labels: ["endpoint"],
  },
  endpointHeight: {
    name: "aleo_ops_endpoint_height",
    help: "Height of the newest block of an endpoint",
    type: "gauge",
    labels: ["endpoint"],
  },
  errors: {
    name: "aleo_ops_errors_total",
    help: "What the monitor could not do: poll, read a value, evaluate a rule, read the rules, send a notice, beat",
    type: "counter",
    labels: ["part"],
  },
  alerts: {
    name: "aleo_ops_alerts",
    help: "Open alerts",
    type: "gauge",
    labels: ["rule", "severity", "status"],
  },
  outbox: {
    name: "aleo_ops_outbox_notices",
    help: "Notices in the outbox by what became of them: waiting, sent, refused",
    type: "gauge",
    labels: ["route", "outcome"],
  },
  edition: {
    name: "aleo_ops_program_edition",
    help: "Edition of a program on chain",
    type: "gauge",
    labels: ["program"],
  },
  held: {
    name: "aleo_ops_program_held_microcredits",
    help: "Credits that a program holds, where a rule of the kind solvency looks at them",
    type: "gauge",
    labels: ["program"],
  },
  owed: {
    name: "aleo_ops_program_owed_microcredits",
    help: "Credits that a program owes or keeps, where a rule of the kind solvency looks at them",
    type: "gauge",
    labels: ["program"],
  },
  lastBackup: {
    name: "aleo_ops_last_good_backup_timestamp_seconds",
    help: "When the newest good backup of a program was begun",
    type: "gauge",
    labels: ["program"],
  },
  lastVerified: {
    name: "aleo_ops_last_verified_backup_timestamp_seconds",
    help: "When a backup of a program was last read as a whole and found good",
    type: "gauge",
    labels: ["program"],
  },
  lastRestored: {
    name: "aleo_ops_last_verified_restore_timestamp_seconds",
    help: "When a backup of a program was last restored as a whole in a drill, every entry compared",
    type: "gauge",
    labels: ["program"],
  },
  balance: {
    name: "aleo_ops_account_balance_microcredits",
    help: "Public balance of an account that a rule looks at",
    type: "gauge",
    labels: ["account"],
  },
});

export type MetricName = keyof typeof metricDefinitions;
