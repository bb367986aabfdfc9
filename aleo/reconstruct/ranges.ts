/** Blocks of two heights and those between. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/** Blocks of a part: some minutes of a public node's budget, and a few megabytes. */
export const usualPartBlocks = 1_000;

/**
 * The parts that hold these blocks. Their borders are the same whatever is asked for, so that a part
 * serves every later run; only the last one ends where the blocks do.
 */
export function partsFor({ from, to }: BlockRange, partBlocks = usualPartBlocks): BlockRange[] {
  const first = Math.floor(from / partBlocks);
  const count = Math.max(0, Math.floor(to / partBlocks) - first + 1);
  return Array.from({ length: count }, (_, index) => {
    const start = (first + index) * partBlocks;
    return { from: start, to: Math.min(start + partBlocks - 1, to) };
  });
}

/** What one of several workers has to do: every so many-th part, so that all are about as busy. */
export function shareOf<Item>(items: readonly Item[], worker: number, workers: number): Item[] {
  return items.filter((_, index) => index % workers === worker);
}

/** As `parseRanges` reads it: parts that follow one another are one range. */
export function rangesText(parts: readonly BlockRange[]): string {
  const joined: BlockRange[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.to === part.from - 1) joined.splice(-1, 1, { from: last.from, to: part.to });
    else joined.push(part);
  }
  return joined.map(({ from, to }) => `${from}-${to}`).join(",");
}

/** Undefined for what is no list of ranges such as `0-999,5000-5420`. */
export function parseRanges(text: string): BlockRange[] | undefined {
  const ranges = text.split(",").map((range) => {
    const [, from = "", to = ""] = /^(\d{1,10})-(\d{1,10})$/.exec(range) ?? [];
    return { from: Number(from), to: Number(to), isRange: from !== "" };
  });
  return ranges.every(({ from, to, isRange }) => isRange && from <= to)
    ? ranges.map(({ from, to }) => ({ from, to }))
    : undefined;
}
