import { execFile } from "node:child_process";
import { severities, type Severity } from "../../monitor/alert/severity.ts";
import type { Finding, Look } from "./finding.ts";
import type { Tree } from "./tree.ts";

const part = "packages";
const patienceMs = 30_000;

interface Advisory {
  readonly title?: string;
  readonly url?: string;
}
interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  readonly range?: string;
  readonly via: readonly (Advisory | string)[];
  readonly fixAvailable: boolean | { readonly name: string; readonly version: string };
}
interface Audit {
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
  readonly message?: string;
}

/** Asks the registry of npm for what is known of the packages in the lock file. */
export async function packagesLook(tree: Tree, ended?: AbortSignal): Promise<Look> {
  if (!tree.files.includes("package-lock.json")) {
    return { part, looked: "nothing", problem: "there is no package-lock.json here", findings: [] };
  }
  const text = await audit(tree.root, ended);
  return auditLook(text, tree.read("package-lock.json") ?? "");
}

/** @param answer what `npm audit --json` printed; it ends with code 1 both for findings and for failures */
export function auditLook(answer: string, lock: string): Look {
  const found = parsed(answer);
  if (found?.vulnerabilities === undefined) {
    const reason = found?.message ?? lastLine(answer);
    return { part, looked: "nothing", problem: `npm audit got no answer: ${reason}`, findings: [] };
  }
  const lines = lock.split("\n");
  const count = lines.filter((line) => /^ {4}"node_modules\//.test(line)).length;
  return {
    part,
    looked: `${count} packages`,
    findings: Object.values(found.vulnerabilities).map((one) => findingOf(one, lines)),
  };
}

/** Of an answer that is no JSON: npm's own words. */
function lastLine(answer: string): string {
  const line = answer.trim().split("\n").at(-1) ?? "";
  return line === "" ? "npm gave none" : line;
}

function findingOf(
  { name, severity, range, via, fixAvailable }: Vulnerability,
  lines: string[],
): Finding {
  const advisories = via.filter((one): one is Advisory => typeof one !== "string");
  const titles = advisories.map(({ title = "", url = "" }) => `${title} ${url}`.trim());
  const through = via.filter((one) => typeof one === "string");
  return {
    rule: "vulnerable-package",
    severity: severityOf(severity),
    file: "package-lock.json",
    line: lines.findIndex((line) => line.includes(`"node_modules/${name}": {`)) + 1 || 1,
    subject: name,
    what: `${name} ${range ?? ""}: ${titles[0] ?? `through ${through.join(", ")}`}`,
    why: "The fault is published, with how to use it.",
    remedy:
      typeof fixAvailable === "object"
        ? `Update ${fixAvailable.name} to ${fixAvailable.version}, then \`make test\`.`
        : fixAvailable
          ? "`npm audit fix`, then `make test`."
          : "No version mends it yet: look whether the project calls what is faulty, and accept it with that reason and an end.",
  };
}

function severityOf(npm: string): Severity {
  return npm === "moderate" ? "medium" : (severities.find((one) => one === npm) ?? "low");
}

function parsed(text: string): Audit | undefined {
  try {
    return JSON.parse(text) as Audit;
  } catch {
    return undefined;
  }
}

async function audit(root: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      "npm",
      ["audit", "--json", "--loglevel=silent"],
      { cwd: root, signal, timeout: patienceMs, maxBuffer: 64_000_000 },
      (error, stdout) => {
        resolve(stdout.trim() === "" && error !== null ? error.message : stdout);
      },
    );
  });
}
