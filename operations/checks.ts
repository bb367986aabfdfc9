import { exitCode, type ExitCode } from "./exit-code.ts";

/** One thing that was looked at. */
export interface Check {
  readonly subject: string;
  /** `notice` is what a person should know of, but need not act on. */
  readonly verdict: "good" | "notice" | "bad";
  readonly finding: string;
  /** What to do next; only where something is bad. */
  readonly remedy?: string;
}

export function good(subject: string, finding: string): Check {
  return { subject, verdict: "good", finding };
}

export function notice(subject: string, finding: string): Check {
  return { subject, verdict: "notice", finding };
}

export function bad(subject: string, finding: string, remedy: string): Check {
  return { subject, verdict: "bad", finding, remedy };
}

export function codeOf(checks: readonly Check[]): ExitCode {
  return checks.some(({ verdict }) => verdict === "bad")
    ? exitCode.verificationFailed
    : exitCode.ok;
}

const marks = { good: "✔", notice: "!", bad: "✖" } as const;

export function checksText(checks: readonly Check[], heading?: string): string {
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  const lines = checks.flatMap(({ subject, verdict, finding, remedy }) => [
    `${marks[verdict]} ${subject.padEnd(width)}  ${finding}`,
    ...(remedy === undefined ? [] : [`    What to do: ${remedy}`]),
  ]);
  return [...(heading === undefined ? [] : [heading]), ...lines].join("\n");
}
