import { plural } from "../text.ts";
import type { SecurityScan } from "./scan.ts";

export function securityScanText({ parts, findings }: SecurityScan): string {
  const open = findings.filter(({ accepted }) => accepted === undefined);
  const width = Math.max(...parts.map(({ part }) => part.length));
  return [
    ...parts.map(
      ({ part, looked, problem }) =>
        `${problem === undefined ? "✔" : "!"} ${part.padEnd(width)}  ${problem === undefined ? looked : `not looked at: ${problem}`}`,
    ),
    "",
    ...open.flatMap(({ rule, severity, file, line, what, why, remedy }) => [
      `${severity.toUpperCase()}  ${file}:${line}  ${what}  [${rule}]`,
      `    Why: ${why}`,
      `    What to do: ${remedy}`,
    ]),
    `${plural(open.length, "finding")}, ${findings.length - open.length} accepted with a reason.`,
  ].join("\n");
}
