import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Finding, Look } from "./finding.ts";
import { secretFindings } from "./secrets.ts";
import type { Tree } from "./tree.ts";

const part = "secrets in the history";

/** Looks through every line that a commit of any branch has added. */
export async function secretsInHistory(
  { root, hasHistory }: Tree,
  isPublic: (secret: string) => boolean,
): Promise<Look> {
  if (!hasHistory) {
    return { part, looked: "nothing", problem: "this is no work tree of git", findings: [] };
  }
  const args = ["log", "--all", "-m", "-p", "-U0", "--no-color", "--no-ext-diff", "--format=@%H"];
  const git = spawn("git", [...args, "--src-prefix=a/", "--dst-prefix=b/"], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(git, "close") as Promise<[number]>;
  const seen = new Map<string, Finding>();
  let commits = 0;
  let commit = "";
  let file = "";
  let number = 0;
  for await (const line of createInterface({ input: git.stdout, crlfDelay: Infinity })) {
    if (/^@[0-9a-f]{40}$/.test(line)) {
      commit = line.slice(1);
      commits += 1;
    } else if (line.startsWith("+++ b/")) {
      file = line.slice("+++ b/".length);
    } else if (line.startsWith("@@ ")) {
      number = Number(/\+(\d+)/.exec(line)?.[1]) || 0;
    } else if (line.startsWith("+")) {
      for (const finding of secretFindings(line.slice(1), file, number, isPublic, commit)) {
        // The log begins with the newest: the commit that brought it in is the last one to show it.
        seen.set(`${finding.file}\0${finding.subject}`, finding);
      }
      number += 1;
    }
  }
  const [code] = await ended;
  return {
    part,
    looked: `${commits} commits`,
    ...(code !== 0 && { problem: `git log ended with code ${code}` }),
    findings: [...seen.values()],
  };
}
