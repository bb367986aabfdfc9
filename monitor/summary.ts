import type { Network } from "../aleo/network.ts";
import type { Alert, HistoryEntry } from "./store/alert-store.ts";
import type { FunctionSummary } from "./store/chain-store.ts";
import type { Recipient } from "./store/detail-store.ts";
import type { Store } from "./store/store.ts";

/** What happened within a stretch of time. */
export interface Summary {
  readonly network: Network;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly height: number | undefined;
  /** Alerts that fired, or were open, at some time within it, the newest first. */
  readonly alerts: readonly (Alert & { readonly history: readonly HistoryEntry[] })[];
  readonly transactions: readonly FunctionSummary[];
  /** Who got the most credits out of the programs. */
  readonly recipients: readonly Recipient[];
  readonly notices: readonly { route: string; outcome: string; count: number }[];
}

const mostRecipients = 10;

/** @param from ms since 1970 */
export function summarize(store: Store, network: Network, from: number, to: number): Summary {
  return {
    network,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    height: store.chain.cursor()?.height,
    alerts: store.alerts
      .since(from)
      .map((alert) => ({ ...alert, history: store.alerts.history(alert.id) })),
    transactions: store.chain.totals({ from, to }),
    recipients: store.chain.details.recipients({ from, to }, mostRecipients),
    notices: store.outbox.counts(),
  };
}
