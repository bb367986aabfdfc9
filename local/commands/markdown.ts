import { redact } from "../redact.ts";

/** GitHub refuses a longer comment or issue. */
const longestBody = 65_536;

/** A fenced block that its text can't close. */
export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A span of code that its text can't close. */
export function code(text: string): string {
  return `\`${text.replaceAll(/[`\n|]/g, " ")}\``;
}

/** What is hidden until somebody opens it. */
export interface Details {
  readonly title: string;
  readonly text: string;
  readonly language?: string;
}

/**
 * Puts a page together as GitHub takes it: keys blotted out, the details cut at their end where the
 * whole would be too long.
 */
export function page(lines: readonly string[], details?: Details): string {
  const top = redact(lines.join("\n"));
  if (details === undefined) return cut(top, longestBody);
  const { title, text, language } = details;
  const around = (inner: string) =>
    `${top}\n\n<details><summary>${title}</summary>\n\n${fenced(inner, language)}\n\n</details>\n`;
  const whole = redact(text).replaceAll(longRun, "`".repeat(longestRun));
  const room = longestBody - around("`".repeat(longestRun)).length;
  return room < leastDetails ? cut(top, longestBody) : around(cut(whole, room));
}

/** A longer run of backticks would ask for a fence as long. */
const longestRun = 8;
const longRun = /`{9,}/g;
/** Fewer characters of the details are not worth their place. */
const leastDetails = 1_000;
const note = "\n… (cut here: the log of the run has the rest)";

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf("\n", length - note.length);
  return `${text.slice(0, end > 0 ? end : length - note.length)}${note}`;
}
