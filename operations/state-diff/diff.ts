import { diffSnapshots, type EntryChange } from "../../aleo/snapshot/diff.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { plural, table } from "../text.ts";
import type { NamedState } from "./reference.ts";

export interface StateDiff {
  readonly before: Omit<NamedState, "mappings">;
  readonly after: Omit<NamedState, "mappings">;
  /** By mapping and key. */
  readonly changes: readonly EntryChange[];
}

/** What has to be done to the one state to get the other. */
export function stateDiff(before: NamedState, after: NamedState): StateDiff {
  return {
    before: { title: before.title, program: before.program, height: before.height },
    after: { title: after.title, program: after.program, height: after.height },
    changes: diffSnapshots(before, after),
  };
}

/** Code 3 for states that differ, as `diff` tells with its own. */
export function codeOf({ changes }: StateDiff): ExitCode {
  return changes.length === 0 ? exitCode.ok : exitCode.verificationFailed;
}

const shownRows = 200;

export function diffText({ before, after, changes }: StateDiff): string {
  const [from, to] = [before, after].map(({ program, title }) => `${program} (${title})`);
  if (changes.length === 0) return `✔ No entry differs from ${from ?? ""} to ${to ?? ""}.`;
  const rows = changes
    .slice(0, shownRows)
    .map((change) => [
      change.kind,
      change.mapping,
      change.key,
      change.kind === "added" ? "" : onOneLine(change.before),
      change.kind === "removed" ? "" : onOneLine(change.after),
    ]);
  const rest = changes.length - rows.length;
  return [
    `From ${from ?? ""} to ${to ?? ""}: ${plural(changes.length, "entry differs", "entries differ")}`,
    ...countsByMapping(changes).map((counts) => `    ${counts}`),
    table(["Change", "Mapping", "Key", "Before", "After"], rows),
    ...(rest === 0 ? [] : [`… and ${rest} more: --json shows all.`]),
  ].join("\n");
}

function countsByMapping(changes: readonly EntryChange[]): string[] {
  return [...Map.groupBy(changes, ({ mapping }) => mapping)].map(([mapping, ofMapping]) => {
    const counts = Map.groupBy(ofMapping, ({ kind }) => kind);
    const parts = [...counts].map(([kind, list]) => `${list.length} ${kind}`);
    return `${mapping}: ${parts.join(", ")}`;
  });
}

function onOneLine(value: string): string {
  return value.replaceAll(/\s+/g, " ");
}
