import { writeFile } from "node:fs/promises";
import { AleoError } from "../../aleo/errors.ts";
import type { Answer } from "../command-line.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { asMarkdown } from "./as-markdown.ts";
import { asText } from "./as-text.ts";
import { conclusionOf, type Counts, countsOf, type Report, sawNothing } from "./report.ts";

export type Format = "text" | "markdown" | "json" | "html";

export class ReportFileError extends AleoError {}

/** A report as a document for machines: with its counts and its conclusion. */
export function asDocument(report: Report): object {
  return { ...report, counts: countsOf(report), conclusion: conclusionOf(report) };
}

export async function written(report: Report, format: Format): Promise<string> {
  switch (format) {
    case "text":
      return asText(report);
    case "markdown":
      return asMarkdown(report);
    case "json":
      return JSON.stringify(asDocument(report), undefined, 2);
    case "html": {
      const { asHtml } = await import("./as-html.ts");
      return asHtml(report);
    }
  }
}

interface Output {
  readonly format: Format;
  /** Where to write it instead of printing it. */
  readonly output?: string;
}

/** A report that has seen nothing has told nothing: it has failed. */
function codeOf(counts: Counts): ExitCode {
  if (sawNothing(counts)) return exitCode.failed;
  return counts.bad > 0 ? exitCode.verificationFailed : exitCode.ok;
}

/**
 * The answer of a command that makes a report: exit code 3 where something in it is bad, 1 where nothing
 * could be looked at.
 * @throws ReportFileError where the file can't be written
 */
export async function answerOf(report: Report, { format, output }: Output): Promise<Answer> {
  const code = codeOf(countsOf(report));
  const document = asDocument(report);
  const text = await written(report, format);
  if (output === undefined) return { document, text, code };
  await writeFile(output, `${text}\n`).catch((cause: unknown) => {
    throw new ReportFileError(`The report can't be written to ${output}: ${String(cause)}.`, {
      remedy: "Name a file in a folder that is there and that you may write.",
      cause,
    });
  });
  return { document, text: `${conclusionOf(report)}\nThe report is in ${output}.`, code };
}
