import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { promisify } from "node:util";
import { type Tree, treeAt } from "../security-scan/tree.ts";
import { callProblem, type CommandNode } from "./command-tree.ts";
import { type Page, readPage } from "./markdown.ts";
import { commandsIn } from "./shell-words.ts";

/** Something in a page that is not so, or not any more. */
interface DocsProblem {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly remedy: string;
}

export interface DocsCheck {
  /** How many of each were looked at. */
  readonly looked: Readonly<Record<"pages" | "runbooks" | "commands" | "links" | "images", number>>;
  /** Links to other sites: they are counted and not followed. */
  readonly outside: number;
  /** False in the container image: `make` and links to what it has not got are not looked at. */
  readonly isWhole: boolean;
  readonly problems: readonly DocsProblem[];
}

/** After how many days somebody has to look at a runbook or a screenshot again. */
const reviewedForDays = 180;

const dayMs = 24 * 3_600_000;

interface Read {
  readonly file: string;
  readonly page: Page;
}

/**
 * Checks the runbooks and the pages of a project: their commands exist, with these options; their
 * links lead somewhere, headings included; the rules' runbook links do; runbooks and screenshots have been
 * looked at within 180 days.
 */
export async function checkDocs(
  root: string,
  commands: CommandNode,
  now: Date,
): Promise<DocsCheck> {
  const tree = await treeAt(root);
  const pages = tree.files
    .filter((file) => file.endsWith(".md") && file !== "CHANGELOG.md")
    .map((file): Read => ({ file, page: readPage(tree.read(file) ?? "") }));
  const makefile = tree.read("Makefile");
  const isWhole = makefile !== undefined;
  const targets = isWhole ? makeTargets(makefile) : undefined;
  const calls = pages.flatMap((read) => callsIn(read));
  const links = pages.flatMap((read) =>
    read.page.links.map((link) => ({ ...link, file: read.file })),
  );
  const images = links.filter(({ isImage, target }) => isImage && !isOutside(target));
  const rules = tree.files.filter((file) => /^monitor\/rules\/.*\.yaml$/.test(file));
  const runbooks = pages.filter(({ file }) => isRunbook(file));
  return {
    looked: {
      pages: pages.length,
      runbooks: runbooks.length,
      commands: calls.length,
      links: links.length,
      images: images.length,
    },
    outside: links.filter(({ target }) => isOutside(target)).length,
    isWhole,
    problems: [
      ...calls.flatMap((call) => commandProblems(call, commands, targets)),
      ...links
        .filter(({ file, target }) => isWhole || existsSync(join(root, fileOf(target, file))))
        .flatMap((link) => linkProblems(tree, pages, link)),
      ...rules.flatMap((file) => ruleProblems(tree, pages, file)),
      ...runbooks.flatMap((read) => reviewProblems(read, now)),
      ...(await Promise.all(images.map((image) => ageProblems(tree, image, now)))).flat(),
    ],
  };
}

function isRunbook(file: string): boolean {
  return file.startsWith("runbooks/") && !file.endsWith("README.md");
}

interface Call {
  readonly file: string;
  readonly line: number;
  readonly words: readonly string[];
  readonly isWhole: boolean;
}

/** The calls of `aleo-ops` and `make` in code; in a sentence, of `aleo-ops` and `make` as mentioned. */
function callsIn({ file, page }: Read): Call[] {
  const inBlocks = page.blocks
    .filter(({ language }) => ["sh", "bash", "console"].includes(language))
    .flatMap(({ line, lines }) => linesOf(lines.join("\n"), line));
  const shown = page.shown.flatMap(({ line, text }) => linesOf(text, line));
  const mentioned = page.spans.flatMap(({ line, text }) =>
    /^(?:npx )?aleo-ops |^make [a-z]/.test(text) ? linesOf(text, line) : [],
  );
  return [
    ...[...inBlocks, ...shown].map((call) => ({ ...call, file, isWhole: true })),
    ...mentioned.map((call) => ({ ...call, file, isWhole: false })),
  ].filter(({ words }) => words.length > 0);
}

/** Each command with the line on which it begins. */
function linesOf(script: string, first: number): { line: number; words: readonly string[] }[] {
  const joined = script.replace(/\\\n/g, "\\\0");
  return joined.split("\n").flatMap((text, index, all) => {
    const before = all.slice(0, index).join("\n").split("\0").length - 1;
    return commandsIn(text.replaceAll("\\\0", " "))
      .map(ownCommand)
      .map((words) => ({ line: first + index + before, words }));
  });
}

/** `npx aleo-ops …` and `aleo-ops …` as the same; nothing for what is not the project's. */
function ownCommand(words: readonly string[]): readonly string[] {
  const own = words[0] === "npx" ? words.slice(1) : words;
  return own[0] === "aleo-ops" || own[0] === "make" ? own : [];
}

function commandProblems(
  { file, line, words: [command, ...rest], isWhole }: Call,
  commands: CommandNode,
  targets: ReadonlySet<string> | undefined,
): DocsProblem[] {
  const problem =
    command === "make"
      ? targets && makeProblem(rest, targets)
      : // A mention of an option alone, such as `--json`, is no call.
        callProblem(commands, rest, isWhole);
  if (problem === undefined) return [];
  const remedy = "Correct the line: `aleo-ops --help` and `make help` show what there is.";
  return [{ file, line, what: problem, remedy }];
}

function makeProblem(words: readonly string[], targets: ReadonlySet<string>): string | undefined {
  const unknown = words.find((word) => /^[a-z][\w-]*$/.test(word) && !targets.has(word));
  return unknown === undefined ? undefined : `the Makefile has no target "${unknown}"`;
}

function makeTargets(makefile: string): Set<string> {
  return new Set([...makefile.matchAll(/^([a-z][\w-]*):/gm)].map(([, name = ""]) => name));
}

function isOutside(target: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/.test(target);
}

function linkProblems(
  tree: Tree,
  pages: readonly Read[],
  { file, line, target }: { readonly file: string; readonly line: number; readonly target: string },
): DocsProblem[] {
  if (isOutside(target)) return [];
  const problem = targetProblem(tree, pages, target, file);
  if (problem === undefined) return [];
  return [
    {
      file,
      line,
      what: `the link to ${target} ${problem}`,
      remedy: "Correct the link, or the heading.",
    },
  ];
}

function fileOf(target: string, from: string): string {
  const [path = ""] = target.split("#", 1);
  return path === "" ? from : normalize(join(dirname(from), decodeURIComponent(path)));
}

/** @param from the page that the target is relative to */
function targetProblem(
  tree: Tree,
  pages: readonly Read[],
  target: string,
  from: string,
): string | undefined {
  const [, anchor] = target.split("#", 2);
  const file = fileOf(target, from);
  const isThere = tree.files.includes(file) || existsSync(join(tree.root, file));
  if (!isThere || relative(tree.root, join(tree.root, file)).startsWith("..")) {
    return "leads to no file";
  }
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  const page = pages.find((read) => read.file === file)?.page;
  return page?.anchors.has(anchor) === false ? "leads to no heading" : undefined;
}

/** A rule names its runbook from the root of the project. */
function ruleProblems(tree: Tree, pages: readonly Read[], file: string): DocsProblem[] {
  const lines = (tree.read(file) ?? "").split("\n");
  return lines.flatMap((text, index) => {
    const target = /^\s*runbook:\s*["']?([^\s"']+)/.exec(text)?.[1];
    if (target === undefined || isOutside(target)) return [];
    const problem = targetProblem(tree, pages, target, "README.md");
    if (problem === undefined) return [];
    return [
      {
        ...{ file, line: index + 1 },
        what: `the runbook ${target} of a rule ${problem}`,
        remedy: "Whoever is paged follows it: name a page of runbooks/ or docs/, with its heading.",
      },
    ];
  });
}

function reviewProblems({ file, page }: Read, now: Date): DocsProblem[] {
  const { reviewed = "" } = page.front;
  const at = { file, line: 1 };
  const time = /^\d{4}-\d{2}-\d{2}$/.test(reviewed) ? Date.parse(reviewed) : Number.NaN;
  if (Number.isNaN(time) || time > now.getTime() + dayMs) {
    const what =
      reviewed === ""
        ? "it says nowhere when it was reviewed"
        : `reviewed: ${reviewed} is no day up to today`;
    return [
      {
        ...at,
        what,
        remedy: "Follow it once, then begin it with `reviewed: 2026-11-25` between `---` lines.",
      },
    ];
  }
  const days = Math.floor((now.getTime() - time) / dayMs);
  if (days <= reviewedForDays) return [];
  return [
    {
      ...at,
      what: `it was last reviewed ${days} days ago, on ${reviewed}`,
      remedy: "Follow it once on the local network, correct it, and set the day.",
    },
  ];
}

async function ageProblems(
  tree: Tree,
  { file, line, target }: { readonly file: string; readonly line: number; readonly target: string },
  now: Date,
): Promise<DocsProblem[]> {
  const image = normalize(join(dirname(file), target));
  const time = await changedAt(tree, image);
  if (time === undefined) return [];
  const days = Math.floor((now.getTime() - time) / dayMs);
  if (days <= reviewedForDays) return [];
  return [
    {
      ...{ file, line },
      what: `the picture ${target} is ${days} days old`,
      remedy: "Take it again, or commit it again where it still shows what there is.",
    },
  ];
}

/** When git saw it last; of what git does not know, when it was written. */
async function changedAt({ root, hasHistory }: Tree, file: string): Promise<number | undefined> {
  if (hasHistory) {
    const { stdout } = await promisify(execFile)("git", ["log", "-1", "--format=%cI", "--", file], {
      cwd: root,
    });
    if (stdout.trim() !== "") return Date.parse(stdout.trim());
  }
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs;
}
