import { z } from "zod";

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof units;

/** A time span as people write it, `30s`, `5m`, `1h`, `7d`; in ms. */
export const duration = z
  .string()
  .regex(/^\d{1,6}[smhd]$/, "Not a time span")
  .transform(durationMs)
  .describe("a time span such as 30s, 5m, 1h or 7d");

/** @param text as `duration` takes it */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * units[text.slice(-1) as Unit];
}

export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const unit = (["d", "h", "m"] as const).find((one) => milliseconds % units[one] === 0) ?? "s";
  return `${milliseconds / units[unit]}${unit}`;
}
