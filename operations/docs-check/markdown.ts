/** A fenced block of code. */
export interface Block {
  /** `sh`, as in its first line; empty where there is none. */
  readonly language: string;
  /** Of its first line of code, counted from 1. */
  readonly line: number;
  readonly lines: readonly string[];
  /** What the comments right behind it say: `<!-- expect: … -->`, `<!-- not run: … -->`. */
  readonly remarks: readonly Remark[];
}

export interface Remark {
  readonly kind: string;
  readonly text: string;
}

interface Link {
  readonly line: number;
  readonly target: string;
  readonly isImage: boolean;
}

/** A code span in a paragraph: `aleo-ops health`. */
interface Span {
  readonly line: number;
  readonly text: string;
}

/** What a page of Markdown holds, as far as it can be checked. */
export interface Page {
  /** The entries of the front matter: `reviewed: 2026-11-25`. */
  readonly front: Readonly<Record<string, string>>;
  readonly headings: readonly { readonly line: number; readonly text: string }[];
  /** The anchors of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly Link[];
  readonly blocks: readonly Block[];
  /** Lines of code that are indented by four, `$ ` taken away. */
  readonly shown: readonly Span[];
  readonly spans: readonly Span[];
}

/** Reads a page. */
export function readPage(text: string): Page {
  const lines = text.split("\n");
  const front: Record<string, string> = {};
  const page = {
    headings: [] as Page["headings"][number][],
    links: [] as Link[],
    blocks: [] as Block[],
    shown: [] as Span[],
    spans: [] as Span[],
  };
  let index = 0;
  if (lines[0] === "---") {
    const end = lines.indexOf("---", 1);
    for (const line of lines.slice(1, end)) {
      const [, key, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
      if (key !== undefined) front[key] = value ?? "";
    }
    index = end + 1;
  }
  for (; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const fence = /^( *)```(\w*)/.exec(line);
    if (fence !== null) {
      const end = endOfBlock(lines, index);
      const remarks = remarksBehind(lines, end + 1);
      page.blocks.push({
        language: fence[2] ?? "",
        line: index + 2,
        lines: lines.slice(index + 1, end),
        remarks,
      });
      index = end;
      continue;
    }
    const shown = /^ {4}\$ (.*)$/.exec(line)?.[1];
    if (shown !== undefined) page.shown.push({ line: index + 1, text: shown });
    if (/^ {4}/.test(line)) continue;
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading !== undefined) page.headings.push({ line: index + 1, text: heading });
    page.spans.push(...spansIn(line, index + 1));
    page.links.push(...linksIn(line.replace(/`[^`]*`/g, ""), index + 1));
  }
  return { front, ...page, anchors: anchorsOf(page.headings.map((heading) => heading.text)) };
}

function endOfBlock(lines: readonly string[], start: number): number {
  const end = lines.findIndex((line, index) => index > start && /^ *```\s*$/.test(line));
  return end === -1 ? lines.length : end;
}

function remarksBehind(lines: readonly string[], start: number): Remark[] {
  const remarks: Remark[] = [];
  for (const line of lines.slice(start)) {
    const [, kind, text] = /^\s*<!--\s*([\w ]+?):\s*(.*?)\s*-->\s*$/.exec(line) ?? [];
    if (kind === undefined) break;
    remarks.push({ kind, text: text ?? "" });
  }
  return remarks;
}

function spansIn(line: string, number: number): Span[] {
  return [...line.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => ({ line: number, text }));
}

function linksIn(line: string, number: number): Link[] {
  return [...line.matchAll(/(!?)\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(
    ([, mark, target = ""]) => ({ line: number, target, isImage: mark === "!" }),
  );
}

function anchorsOf(headings: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const plain = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
