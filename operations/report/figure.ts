/** A number as a report shows it: `1,204`, `3.42`, `0.0012`. */
export function figure(value: number): string {
  const shown = Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
  return Number.isInteger(shown) ? shown.toLocaleString("en") : shown.toString();
}

/** A share as people say it: `12.5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** How a value stands to the one before: `+20 %`, `as before`, `none before`. */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? "as before" : "none before";
  const share = now / before - 1;
  if (Math.abs(share) < 0.005) return "as before";
  return `${share > 0 ? "+" : "−"}${percent(Math.abs(share))}`;
}
