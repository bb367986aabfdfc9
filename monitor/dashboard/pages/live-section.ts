import { html } from "ghtml";
import type { SeenTransaction } from "../../store/activity-store.ts";
import type { Moment } from "../sources.ts";
import { transactionTable } from "./parts.ts";

/** The latest transactions, which go on by themselves where scripts run. */
export function liveSection(
  { store, now }: Moment,
  shown: {
    readonly latest: readonly SeenTransaction[];
    readonly caption: string;
    /** Stands there until there is one. */
    readonly nothing: string;
    /** Of this program alone. */
    readonly program?: string;
  },
): string {
  const { latest, caption, nothing, program } = shown;
  // The stream begins where the page ends, so that no row is missed in between.
  const after = store.chain.cursor()?.height ?? 0;
  const source = `/live?${program === undefined ? "" : `program=${program}&`}after=${after}`;
  return html`<section aria-labelledby="live-title">
    <div class="heading">
      <h2 id="live-title">Latest transactions</h2>
      <p class="live" data-live-state hidden></p>
    </div>
    !${transactionTable(caption, latest, now, source)}
    !${latest.length > 0 ? "" : html`<div data-live-empty>!${nothing}</div>`}
  </section>`;
}
