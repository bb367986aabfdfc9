import { InvalidArgumentError } from "commander";

/** A time span of a command line, `30m` or `24h`, as it was written. */
export function span(text: string): string {
  if (/^\d{1,6}[smhd]$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a time span such as 30m or 24h.");
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** The height of a block. */
export function blockHeight(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be the height of a block.");
}
