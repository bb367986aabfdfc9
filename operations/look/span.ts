import { InvalidArgumentError } from "commander";

/** A time span of a command line, `30m` or `24h`, as it was written. */
export function span(text: string): string {
  if (/^\d{1,6}[smhd]$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a time span such as 30m or 24h.");
}
