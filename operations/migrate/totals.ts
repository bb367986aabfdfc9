import { numberIn, type State } from "../restore/batch.ts";
import type { Total } from "./pair.ts";

/** Each total that is not what the entries add up to, for people; none where all is well. */
export function wrongTotals(totals: readonly Total[], state: State): string[] {
  return totals.flatMap((total) => {
    const [stated, sum] = [numberIn(state, total.in), sumOf(total, state)];
    return stated === sum
      ? []
      : [`${total.in} is ${stated}, but ${total.mapping} add up to ${sum}`];
  });
}

function sumOf({ mapping, of }: Total, state: State): bigint {
  const values = [...(state.get(mapping)?.values() ?? [])];
  if (of === "entries") return BigInt(values.length);
  return values.reduce(
    (sum, value) => sum + numberOf(of === "values" ? value : memberOf(of.member, value)),
    0n,
  );
}

function memberOf(member: string, value: string): string {
  return new RegExp(`\\b${member}:\\s*(\\d+)`).exec(value)?.[1] ?? "0";
}

function numberOf(value: string): bigint {
  return BigInt(value.replace(/u\d+$/, ""));
}
