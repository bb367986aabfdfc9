import { parseDocument } from "yaml";
import { configNamespace } from "../../config-namespace.ts";
import type { Finding, Look } from "./finding.ts";
import { secretsIn } from "./secret-forms.ts";
import type { Tree } from "./tree.ts";

/** Looks through every text of the tree for what opens something. */
export function secretsInTree(tree: Tree, isPublic: (secret: string) => boolean): Look {
  const findings: Finding[] = [];
  let count = 0;
  for (const file of tree.files) {
    const text = tree.read(file);
    if (text === undefined) continue;
    count += 1;
    for (const [index, line] of text.split("\n").entries()) {
      findings.push(...secretFindings(line, file, index + 1, isPublic));
    }
    if (/^Pulumi\.[\w-]+\.yaml$/.test(file)) findings.push(...plainSettings(text, file));
  }
  return { part: "secrets", looked: `${count} files`, findings };
}

/** @param commit in which the line was added, where it is looked for in the history */
export function secretFindings(
  line: string,
  file: string,
  number: number,
  isPublic: (secret: string) => boolean,
  commit?: string,
): Finding[] {
  return secretsIn(line)
    .filter(({ secret }) => !isPublic(secret))
    .map(({ kind, severity, secret }) => ({
      rule: commit === undefined ? "secret-in-tree" : "secret-in-history",
      severity,
      file,
      line: number,
      ...(commit !== undefined && { commit }),
      subject: `${kind} ${shortened(secret)}`,
      what: `${kind} (${shortened(secret)})${commit === undefined ? "" : `, added by commit ${commit.slice(0, 12)}`}`,
      why: "Whoever can read the repository, or could once, has it. Taking it out of the file does not take it back.",
      remedy: kind.includes("Aleo")
        ? "Treat it as stolen: `aleo-ops rotate-keys`, and move what the account holds. Then take it out of the file."
        : "Revoke it where it was issued, issue a new one, keep that in the environment or as a stack's secret.",
    }));
}

/** Enough to recognise it, too little to use it. */
function shortened(secret: string): string {
  const shown = secret.startsWith("-----") ? 20 : Math.min(14, Math.floor(secret.length / 3));
  return `${secret.slice(0, shown)}…`;
}

const secretSettings = /(?:key|secret|token|password|webhook)(?:Url)?$/i;

/** Settings of a stack that are secrets by their names must be encrypted. */
function plainSettings(text: string, file: string): Finding[] {
  const document = parseDocument(text);
  const config = (document.toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
  return Object.entries(config).flatMap(([key, value]) => {
    if (typeof value !== "string" || !secretSettings.test(key)) return [];
    const line = text.split("\n").findIndex((one) => one.trimStart().startsWith(`${key}:`)) + 1;
    return {
      rule: "plain-secret-setting",
      severity: "critical" as const,
      file,
      line,
      subject: key,
      what: `${key} is set in plain text`,
      why: "Whoever reads the repository has it.",
      remedy: `Revoke it, then set the new one with \`pulumi config set --secret ${key.replace(`${configNamespace}:`, "")}\`.`,
    };
  });
}
