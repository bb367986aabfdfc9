/** `notice` is what a person should know of, but need not act on; `unseen` is what could not be looked at. */
export type Verdict = "good" | "notice" | "bad" | "unseen";

/** One thing that was looked at. */
export interface Line {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly finding: string;
  /** What to do next. */
  readonly remedy?: string;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Series {
  readonly name: string;
  /** One a label; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  /** Of the values: `calls`, `ms`. */
  readonly unit: string;
  readonly kind: "bars" | "lines";
  readonly labels: readonly string[];
  readonly series: readonly Series[];
}

export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly tables?: readonly Table[];
  readonly charts?: readonly Chart[];
}

/** What was found, before it is written in some format. */
export interface Report {
  readonly title: string;
  readonly network: string;
  /** When it was made, ISO 8601. */
  readonly at: string;
  /** Of what time it tells: `the last 24 hours`. */
  readonly about: string;
  readonly sections: readonly Section[];
}

export interface Counts {
  readonly good: number;
  readonly notice: number;
  readonly bad: number;
  readonly unseen: number;
}

export function countsOf({ sections }: Pick<Report, "sections">): Counts {
  const counts = { good: 0, notice: 0, bad: 0, unseen: 0 };
  for (const { lines } of sections) for (const { verdict } of lines) counts[verdict] += 1;
  return counts;
}

/** Whether nothing could be looked at. */
export function sawNothing({ good, notice, bad }: Counts): boolean {
  return good + notice + bad === 0;
}

/** What it comes to, in one sentence. */
export function conclusionOf(report: Report): string {
  const counts = countsOf(report);
  const { good, notice, bad, unseen } = counts;
  if (sawNothing(counts)) return `Nothing could be looked at: ${unseen} not looked at.`;
  const parts = [
    bad === 0 ? undefined : `${bad} bad`,
    notice === 0 ? undefined : `${notice} to know of`,
    `${good} good`,
    unseen === 0 ? undefined : `${unseen} not looked at`,
  ].filter((part) => part !== undefined);
  return `${bad > 0 ? "Something is wrong" : unseen > 0 ? "Nothing wrong in what was looked at" : "All is well"}: ${parts.join(", ")}.`;
}

export const marks: Readonly<Record<Verdict, string>> = {
  good: "✔",
  notice: "!",
  bad: "✖",
  unseen: "?",
};

/** A line about something that could not be looked at. */
export function unseen(subject: string, why: string, how: string): Line {
  return { subject, verdict: "unseen", finding: `not looked at: ${why}`, remedy: how };
}

/** A line about something that an error stood in the way of. */
export function unseenFor(subject: string, error: unknown): Line {
  const { message, remedy } = told(error);
  return unseen(subject, message, remedy);
}

function told(error: unknown): { message: string; remedy: string } {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  const remedy =
    error instanceof Error && "remedy" in error ? String(error.remedy) : "Run it again.";
  return { message, remedy };
}
