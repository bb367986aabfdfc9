import { diff } from "node:util";

const context = 2;

interface Line {
  readonly mark: " " | "+" | "-";
  readonly text: string;
}

/** What changes from one text to another, line by line, as `diff -u` shows it; empty where nothing does. */
export function textDiff(before: string, after: string, name: string): string {
  if (before === after) return "";
  const changes = diff(linesOf(after), linesOf(before)).map(([kind, text]): Line => ({
    mark: kind === 0 ? " " : kind > 0 ? "+" : "-",
    text,
  }));
  const lines = removalsFirst(changes);
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ mark }) => mark !== " ");
  const shown: string[] = [`--- ${name}`, `+++ ${name}`];
  let number = 1;
  let isBroken = true;
  for (const [index, { mark, text }] of lines.entries()) {
    if (isNear(index)) {
      if (isBroken) shown.push(`@@ line ${number} @@`);
      shown.push(`${mark}${text}`);
      isBroken = false;
    } else isBroken = true;
    if (mark !== "-") number += 1;
  }
  return shown.join("\n");
}

/** Of lines that were changed, those that went stand before those that came. */
function removalsFirst(lines: readonly Line[]): Line[] {
  const sorted: Line[] = [];
  let added: Line[] = [];
  for (const line of lines) {
    if (line.mark === "+") added.push(line);
    else if (line.mark === "-") sorted.push(line);
    else {
      sorted.push(...added, line);
      added = [];
    }
  }
  return [...sorted, ...added];
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
