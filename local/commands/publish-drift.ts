import { type DriftReport, issueLabel, issueMarker, issueOf } from "./drift-report.ts";
import { closeIssue, type GitHub, openIssue } from "./github.ts";
import { pageFor, type Paging } from "./paging.ts";

/**
 * Keeps the issues and pages about a stack as its last drift check found it: one issue for drift, one
 * for a check that is broken, each closed when it is over. A broken check says nothing of drift, so
 * it leaves that issue alone. Gives back what was done, a line each.
 */
export async function publishDrift(
  report: DriftReport,
  gitHub: GitHub,
  paging: Paging,
  runUrl: string | undefined,
): Promise<readonly string[]> {
  if (report.kind === "busy") return [];
  const done: string[] = [];
  const issue = issueOf(report, runUrl);
  if (issue !== undefined) {
    done.push(`Issue #${await openIssue(gitHub, issueLabel, issue)}: ${issue.title}.`);
  }
  for (const kind of ["drift", "broken"] as const) {
    if (report.kind === kind || report.kind === "broken") continue;
    const lastWord = kind === "drift" ? "The drift is gone." : "The drift check works again.";
    const marker = issueMarker(report.stack, kind);
    const closed = await closeIssue(gitHub, issueLabel, marker, lastWord);
    if (closed !== undefined) done.push(`Issue #${closed} is closed: ${lastWord}`);
  }
  await pageFor(report, paging, runUrl);
  return done;
}
