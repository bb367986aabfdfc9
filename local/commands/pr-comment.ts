import { readFile } from "node:fs/promises";
import { LocalError } from "../errors.ts";
import { gitHubOf, writeComment } from "./github.ts";
import { previewMarker } from "./preview-summary.ts";

export interface CommentOptions {
  readonly stack: string;
  readonly pullRequest: number;
  /** What `preview` wrote. */
  readonly summaryFile: string;
}

/**
 * Shows the summary of a stack's preview as a comment of a pull request; the one of the push before is
 * edited.
 * @throws LocalError when the summary can't be read or GitHub does not take it
 */
export async function commentOnPullRequest(
  options: CommentOptions,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { stack, pullRequest, summaryFile } = options;
  const gitHub = gitHubOf(env);
  const marker = previewMarker(stack);
  const body = await readFile(summaryFile, "utf8").catch((error: unknown) => {
    throw new LocalError(`The summary ${summaryFile} can't be read.`, {
      remedy: "Write it first: local/cli.ts preview --summary-file FILE.",
      cause: error,
    });
  });
  if (!body.startsWith(marker)) {
    throw new LocalError(`${summaryFile} is no summary of a preview of ${stack}.`, {
      remedy: `Write it first: local/cli.ts preview --stack ${stack} --summary-file FILE.`,
    });
  }
  const did = await writeComment(gitHub, pullRequest, marker, body);
  return `The comment on ${stack} at pull request ${pullRequest} is ${did}.`;
}
