import { existsSync } from "node:fs";
import { AleoError } from "../../aleo/errors.ts";
import type { Network } from "../../aleo/network.ts";
import { monitorSettings } from "../../monitor/settings.ts";
import { Store } from "../../monitor/store/store.ts";
import type { Environment } from "../../settings.ts";

class MonitorDatabaseError extends AleoError {}

/**
 * Runs work on the monitor's database, and closes it.
 * @throws MonitorDatabaseError where there is none
 */
export function withMonitorStore<Result>(
  network: Network,
  environment: Environment,
  work: (store: Store) => Result,
): Result {
  const { database } = monitorSettings(network, environment);
  if (!existsSync(database)) {
    throw new MonitorDatabaseError(`There is no monitor's database at ${database}.`, {
      remedy:
        "Run this where the monitor runs (in a cluster: `kubectl exec` into its pod), and set MONITOR_DATABASE as it is set there.",
    });
  }
  const store = Store.open(database, network);
  try {
    return work(store);
  } finally {
    store.close();
  }
}
