import type { Receiver } from "../alert/judge.ts";
import type { Monitor, MonitorStatus } from "../monitor.ts";
import type { Rule } from "../rule/rule-file.ts";
import type { ActivityStore } from "../store/activity-store.ts";
import type { Alert } from "../store/alert-store.ts";
import type { Store } from "../store/store.ts";

/** What the dashboard reads from. */
export interface Sources {
  readonly activity: ActivityStore;
  readonly monitor: Pick<Monitor, "network" | "now" | "status" | "store" | "tell">;
  /** Who is told of alerts. */
  readonly receivers: readonly Receiver[];
  /** The rules as they are in their file now. */
  readonly rules: () => readonly Rule[];
}

/** All of it at one moment. */
export interface Moment extends Sources {
  readonly store: Store;
  readonly status: MonitorStatus;
  /** In ms since 1970. */
  readonly now: number;
  /** Open alerts that have fired, the worst and latest first. */
  readonly open: readonly Alert[];
}

const ranks = { critical: 0, high: 1, medium: 2, low: 3 };

export function momentOf(sources: Sources): Moment {
  const { monitor } = sources;
  const { store } = monitor;
  return {
    ...sources,
    store,
    status: monitor.status(),
    now: monitor.now(),
    open: store.alerts
      .open()
      .filter(({ status }) => status !== "pending")
      .toSorted(
        (a, b) =>
          ranks[a.severity] - ranks[b.severity] || (b.firedAt ?? b.since) - (a.firedAt ?? a.since),
      ),
  };
}
