import type { Log, ReportingDescriptor, Result } from "sarif";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { JudgedFinding } from "./accepted.ts";
import type { SecurityScan } from "./scan.ts";

const levels: Readonly<Record<Severity, Result.level>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

/** GitHub sorts by it: https://docs.github.com/code-security/code-scanning (security-severity). */
const scores: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "2.0",
};

/** The scan in the Static Analysis Results Interchange Format 2.1.0, as code scanning reads it. */
export function sarifOf({ findings }: SecurityScan): Log {
  const rules = [...Map.groupBy(findings, ({ rule }) => rule)].map(
    ([id, [first]]): ReportingDescriptor => ({
      id,
      shortDescription: { text: id.replaceAll("-", " ") },
      ...(first !== undefined && {
        fullDescription: { text: first.why },
        help: { text: first.remedy },
        properties: { "security-severity": scores[first.severity], tags: ["security"] },
      }),
    }),
  );
  return {
    version: "2.1.0",
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    runs: [
      {
        tool: { driver: { name: "aleo-ops security-scan", rules } },
        results: findings.map(resultOf),
      },
    ],
  };
}

function resultOf(finding: JudgedFinding): Result {
  const { rule, severity, file, line, subject, commit, what, remedy, accepted } = finding;
  return {
    ruleId: rule,
    level: levels[severity],
    message: { text: `${what}. ${remedy}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file, uriBaseId: "%SRCROOT%" },
          region: { startLine: Math.max(line, 1) },
        },
      },
    ],
    partialFingerprints: { "ruleFileSubject/v1": `${rule}:${file}:${subject}` },
    ...(commit !== undefined && { properties: { commit } }),
    ...(accepted !== undefined && {
      suppressions: [{ kind: "external", status: "accepted", justification: accepted.reason }],
    }),
  };
}
