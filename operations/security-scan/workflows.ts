import { parse } from "yaml";
import type { Finding, Look } from "./finding.ts";
import type { Tree } from "./tree.ts";

/** Looks at the workflows and actions of `.github/`. */
export function workflowsLook(tree: Tree): Look {
  const files = tree.files.filter((file) => /^\.github\/.*\.ya?ml$/.test(file));
  return {
    part: "workflows",
    looked: `${files.length} files`,
    ...(files.length === 0 && { problem: "there is no .github/ here" }),
    findings: files.flatMap((file) => workflowFindings(file, tree.read(file) ?? "")),
  };
}

/** What a workflow, or an action of the project's own, gives to others. */
export function workflowFindings(file: string, text: string): Finding[] {
  const lines = text.split("\n");
  return [
    ...lines.flatMap((line, index) => lineFindings(file, line, index + 1, lines, text)),
    ...permissionFindings(file, text),
    ...stepFindings(file, text),
  ];
}

function lineFindings(
  file: string,
  line: string,
  number: number,
  lines: readonly string[],
  text: string,
): Finding[] {
  const at = { file, line: number };
  const findings: Finding[] = [];
  const used = /^\s*(?:-\s+)?uses:\s*["']?([^\s"'#]+)/.exec(line)?.[1];
  const isPinned =
    used === undefined ||
    used.startsWith("./") ||
    /@[0-9a-f]{40}$/.test(used) ||
    /^docker:\/\/.*@sha256:[0-9a-f]{64}$/.test(used);
  if (!isPinned) {
    findings.push({
      ...at,
      rule: "unpinned-action",
      severity: "high",
      subject: used,
      what: `${used} is not pinned to a commit`,
      why: "Whoever can move that tag or branch runs code with this workflow's rights and secrets.",
      remedy: "Name the commit: `uses: owner/action@<40 digits> # v1.2.3`.",
    });
  }
  if (
    /^\s*permissions:\s*write-all\s*$/.test(line) ||
    /^\s*(?:contents|actions): write\s*$/.test(line)
  ) {
    findings.push({
      ...at,
      rule: "wide-permissions",
      severity: "high",
      subject: line.trim(),
      what: `the workflow may write: \`${line.trim()}\``,
      why: "A step that is taken over can then change the repository, or the workflows themselves.",
      remedy: "Give the one job that needs it the one permission that it needs.",
    });
  }
  // What a stranger chooses: titles, branch names, bodies. It ends up in a shell.
  if (
    /\$\{\{[^}]*github\.(?:event\.(?:issue|pull_request|comment|review|head_commit)\.[\w.]*(?:title|body|message|ref|label|name|email)|head_ref)/.test(
      line,
    ) &&
    isInScript(lines, number - 1)
  ) {
    findings.push({
      ...at,
      rule: "script-injection",
      severity: "high",
      subject: line.trim(),
      what: "a script contains text that whoever opens an issue or a pull request chooses",
      why: "Such a text can end the command and begin another one.",
      remedy: "Hand it over in `env:` and use it as a quoted variable.",
    });
  }
  if (/^\s*pull_request_target:?/.test(line) && text.includes("actions/checkout@")) {
    findings.push({
      ...at,
      rule: "untrusted-checkout",
      severity: "critical",
      subject: "pull_request_target",
      what: "pull_request_target, with a checkout",
      why: "Code of a stranger's pull request can then run with the repository's secrets.",
      remedy: "Use `pull_request`; a fork's pull request gets no secret there.",
    });
  }
  return findings;
}

/** Whether the line stands in a `run:`: behind one, and deeper. */
function isInScript(lines: readonly string[], index: number): boolean {
  const depthOf = (line: string) => /^\s*/.exec(line)?.[0].length ?? 0;
  if (/^\s*(?:-\s+)?run:/.test(lines[index] ?? "")) return true;
  const depth = depthOf(lines[index] ?? "");
  const above = lines
    .slice(0, index)
    .findLast((line) => line.trim() !== "" && depthOf(line) < depth);
  return above !== undefined && /^\s*(?:-\s+)?run:\s*[|>]/.test(above);
}

function permissionFindings(file: string, text: string): Finding[] {
  if (!file.includes("/workflows/") || /^permissions:/m.test(text)) return [];
  return [
    {
      file,
      line: 1,
      rule: "no-permissions",
      severity: "medium",
      subject: file,
      what: "the workflow does not say what it may do",
      why: "It then has what the repository's settings give, which may be everything.",
      remedy: "Begin it with `permissions: { contents: read }`.",
    },
  ];
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

function stepFindings(file: string, text: string): Finding[] {
  const { jobs = {} } = parse(text) as {
    jobs?: Readonly<Record<string, { steps?: readonly Step[] }>>;
  };
  const keeping = Object.entries(jobs).filter(([, { steps = [] }]) =>
    steps.some(
      (step) =>
        step.uses?.startsWith("actions/checkout@") === true &&
        step.with?.["persist-credentials"] !== false,
    ),
  );
  return keeping.map(([job]) => ({
    file,
    line: text.split("\n").findIndex((line) => line.includes("actions/checkout@")) + 1,
    rule: "kept-credentials",
    severity: "low" as const,
    subject: job,
    what: `the checkout of job ${job} leaves its token in .git/config`,
    why: "Each later step, and each script of a package, can read it there.",
    remedy: "Add `with: { persist-credentials: false }`.",
  }));
}
