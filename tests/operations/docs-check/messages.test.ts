import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectDirectory } from "../../../local/paths.ts";
import {
  callProblem,
  type CommandNode,
  commandTree,
} from "../../../operations/docs-check/command-tree.ts";
import { commandsIn } from "../../../operations/docs-check/shell-words.ts";
import { commandLine, everyCommand } from "../command-leaves.ts";

/** Stands for what a message is filled with. */
const filled = "FILLED";

/** What a source file says in strings, each in one piece. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map(({ literal }) => `${filled}${literal.text}`);
      texts.push(`${node.head.text}${spans.join("")}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("x.ts", source, ts.ScriptTarget.ESNext));
  return texts;
}

/** The calls of aleo-ops in a text: in backticks, as code of a page, and on lines of their own. */
function markedCalls(text: string): string[] {
  const marked = /`aleo-ops ([^`]+)`|<code>\s*aleo-ops ([^<]+)<\/code>|^ {2,}aleo-ops (.+)$/gm;
  return [...text.matchAll(marked)].flatMap((found) => found.slice(1).filter(Boolean));
}

/** In a sentence: as far as the words are commands and options. */
function unmarkedCalls(root: CommandNode, text: string): string[] {
  const rest = text.replaceAll(/`[^`]*`|<code>[^<]*<\/code>|^ {2,}aleo-ops .+$/gm, "");
  return [...rest.matchAll(/\baleo-ops ([a-z].*)/g)].flatMap(([, words = ""]) => {
    const call: string[] = [];
    let node = root;
    for (const written of words.split(/\s+/)) {
      const word = written.replace(/[.,:;)]+$/, "");
      const child = node.commands.get(word);
      if (child === undefined && !word.startsWith("--")) break;
      call.push(word);
      node = child ?? node;
      if (word !== written) break;
    }
    return call.length === 0 ? [] : [call.join(" ")];
  });
}

function problemOf(root: CommandNode, call: string): string | undefined {
  const [words = []] = commandsIn(call);
  // Which command it is, is not known here.
  if (words[0] === filled) return undefined;
  let node = root;
  const isMore = words.some((word) => {
    const child = node.commands.get(word);
    node = child ?? node;
    return child === undefined;
  });
  // Where a command alone is named, its arguments go without saying.
  return callProblem(root, words, isMore);
}

describe("a call of aleo-ops in what the code says", () => {
  let root: CommandNode;
  before(async () => {
    root = commandTree(await commandLine());
  });
  const problemsIn = (source: string) =>
    textsOf(source).flatMap((text) =>
      [...markedCalls(text), ...unmarkedCalls(root, text)].flatMap(
        (call) => problemOf(root, call) ?? [],
      ),
    );

  it("is one that there is, wherever operations, monitor, aleo and the rest name one", () => {
    const files = globSync(
      "{operations,monitor,aleo,components,dynamic-providers,local,policies}/**/*.ts",
      { cwd: projectDirectory },
    );
    let calls = 0;
    const faults = files.flatMap((file) => {
      const source = readFileSync(join(projectDirectory, file), "utf8");
      if (!source.includes("aleo-ops ")) return [];
      calls += textsOf(source).flatMap(markedCalls).length;
      return problemsIn(source).map((problem) => `${file}: ${problem}`);
    });
    assert.equal(faults.join("\n"), "");
    assert.ok(calls > 60, `only ${calls} were found`);
  });

  it("is told of where it is not", () => {
    const told = (text: string) => problemsIn(`say(${text})`)[0];
    assert.match(told('"Pause it: `aleo-ops pause --contract P`."') ?? "", /no option --contract/);
    assert.match(told("`\\`aleo-ops pause ${id} --networc x\\``") ?? "", /no option --networc/);
    assert.match(told('"See `aleo-ops reconstruct --at BLOCK`."') ?? "", /needs --program/);
    assert.match(told('"    aleo-ops migrate --from A"') ?? "", /needs --to/);
    assert.match(told('"<code>aleo-ops backupz</code>"') ?? "", /no command "backupz"/);
    assert.match(told('"Compare with aleo-ops node --al."') ?? "", /no option --al/);
    for (const right of [
      '"`aleo-ops pause`"',
      "`aleo-ops ${name} ${what}`",
      '"aleo-ops dashboard session"',
      '"Compare with aleo-ops node, and wait."',
    ]) {
      assert.equal(told(right), undefined, right);
    }
  });

  it("in a command's example is a whole one", async () => {
    const faults = (await everyCommand()).flatMap(({ name, command }) => {
      let help = "";
      command.configureOutput({ writeOut: (part) => (help += part) }).outputHelp();
      const [, examples = ""] = help.split(/\nExamples?:\n/);
      return [...examples.matchAll(/^ {2}aleo-ops (.+)$/gm)].flatMap(([, call = ""]) =>
        commandsIn(call)
          .slice(0, 1)
          .flatMap((words) => callProblem(root, words, true) ?? [])
          .map((problem) => `${name}: ${problem}`),
      );
    });
    assert.equal(faults.join("\n"), "");
  });
});
