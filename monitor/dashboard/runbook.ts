import { readFileSync } from "node:fs";
import { join } from "node:path";
import { html } from "ghtml";

const projectDirectory = join(import.meta.dirname, "..", "..");

/** A runbook as HTML, so that nobody has to look for it at night. */
export interface Runbook {
  /** What it says of the matter; all of it where it has no section of its own. */
  readonly section: string;
  /** All of it, where that is more. */
  readonly whole: string | undefined;
}

/**
 * @param reference `runbooks/emergency-pause.md#paused`
 * @param about what the alert is about: a program takes the place of the example in the commands
 * @returns undefined where the file or the section is not there
 */
export function runbookOf(reference: string, about = ""): Runbook | undefined {
  const [, path = "", anchor] =
    /^((?:docs|runbooks)\/[\w/-]+\.md)(?:#([\w-]+))?$/.exec(reference) ?? [];
  if (path === "") return undefined;
  let text: string;
  try {
    text = ofProgram(readFileSync(join(projectDirectory, path), "utf8"), about);
  } catch {
    return undefined;
  }
  const section = sectionOf(text, anchor);
  if (section === undefined) return undefined;
  const isBook = path.startsWith("runbooks/") && anchor !== undefined;
  return { section: htmlOf(section), whole: isBook ? htmlOf(bodyOf(text)) : undefined };
}

function ofProgram(text: string, program: string): string {
  if (!program.endsWith(".aleo")) return text;
  return text
    .replace(/^PROGRAM=\S+/gm, `PROGRAM=${program}`)
    .replace(/(?<![\w$])PROGRAM(?![\w=])/g, program);
}

/** Without what stands before its title. */
function bodyOf(markdown: string): string {
  return markdown.replace(/^---\n[\s\S]*?\n---\n/, "").replace(/^# .*\n/, "");
}

/** The lines below the heading with this anchor, up to the next one of its rank; all without one. */
export function sectionOf(markdown: string, anchor: string | undefined): string | undefined {
  // What the tests expect of a command stands in comments.
  const lines = markdown.split("\n").filter((line) => !/^<!--.*-->$/.test(line));
  if (anchor === undefined) return bodyOf(markdown);
  const rank = (line: string) => /^(#+) /.exec(line)?.[1]?.length;
  const slug = (line: string) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-");
  const start = lines.findIndex((line) => rank(line) !== undefined && slug(line) === anchor);
  if (start === -1) return undefined;
  const own = rank(lines[start] ?? "") ?? 1;
  const length = lines.slice(start + 1).findIndex((line) => (rank(line) ?? 7) <= own);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join("\n");
}

/** Paragraphs, lists, tables, headings and commands: what runbooks are written with. */
export function htmlOf(markdown: string): string {
  const blocks = markdown.replace(/^<!--.*-->\n?/gm, "").split(/^(```[^\n]*\n[\s\S]*?^```$)/m);
  return blocks.map((block) => (block.startsWith("```") ? fenced(block) : prose(block))).join("");
}

function fenced(block: string): string {
  return commands(block.split("\n").slice(1, -1).join("\n"));
}

function prose(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((part) => part.replace(/^\n+|\s+$/g, ""))
    .filter((part) => part !== "")
    .map((part) => {
      if (/^ {4}/.test(part)) return commands(part.replace(/^ {4}/gm, ""));
      const heading = /^#+ (.*)$/.exec(part)?.[1];
      if (heading !== undefined) return html`<h3>!${inline(heading)}</h3>`;
      if (part.startsWith("|")) return tableOf(part);
      const items = /^(?:[-*]|\d+\.) /.test(part) ? part.split(/\n(?=(?:[-*]|\d+\.) )/) : [];
      if (items.length === 0) return html`<p>!${inline(part)}</p>`;
      const inner = items.map((item) => html`<li>!${inline(item.replace(/^\S+ +/, ""))}</li>`);
      return /^\d/.test(part)
        ? html`<ol>
            !${inner}
          </ol>`
        : html`<ul>
            !${inner}
          </ul>`;
    })
    .join("");
}

function tableOf(part: string): string {
  const cells = (line: string) =>
    line
      .replace(/^\||\|\s*$/g, "")
      .split("|")
      .map((cell) => cell.trim());
  const [head = "", , ...rows] = part.split("\n");
  return html`<div class="scroll" role="region" aria-label="${cells(head).join(", ")}" tabindex="0">
    <table>
      <thead>
        <tr>
          !${cells(head).map((cell) => html`<th scope="col">!${inline(cell)}</th>`)}
        </tr>
      </thead>
      <tbody>
        !${rows.map(
          (row) =>
            html`<tr>
              !${cells(row).map((cell) => html`<td>!${inline(cell)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function commands(text: string): string {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

/** Code, bold and links; a link inside the project keeps only its text. */
function inline(text: string): string {
  return text
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/)
    .map((part) => {
      if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
      if (part.startsWith("**")) return html`<strong>${part.slice(2, -2)}</strong>`;
      const [, name, to = ""] = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? [];
      if (name === undefined) return html`${part}`;
      return /^https?:\/\//.test(to)
        ? html`<a href="${to}" rel="noreferrer">${name}</a>`
        : html`${name}`;
    })
    .join("");
}
