import type { Moment } from "../sources.ts";

/** Where a page gets the rows that come after its own, so that none is missed in between. */
export function liveFrom({ store }: Moment, program?: string): string {
  const after = store.chain.cursor()?.height ?? 0;
  return `/live?${program === undefined ? "" : `program=${program}&`}after=${after}`;
}
