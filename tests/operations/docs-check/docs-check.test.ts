import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { execa } from "execa";
import { projectDirectory } from "../../../local/paths.ts";
import { checkDocs } from "../../../operations/docs-check/check.ts";
import { callProblem, commandTree } from "../../../operations/docs-check/command-tree.ts";
import { readPage } from "../../../operations/docs-check/markdown.ts";
import { commandsIn } from "../../../operations/docs-check/shell-words.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

function tree() {
  const program = new Command("aleo-ops");
  program.command("balance [address]").option("--network <name>").option("--json");
  program.command("program <id>").option("--network <name>");
  program.command("alerts").command("list");
  program.command("backup").requiredOption("--contract <program>").option("--json");
  return commandTree(program);
}

describe("a script in a runbook", () => {
  it("is read as the shell reads it: joined lines, quotes, pipes, variables, comments", () => {
    assert.deepEqual(
      commandsIn(
        `A=1 aleo-ops alert "two words" \\\n  --json | tee x # no\nid=$(aleo-ops list 2>&1 > f) && make up`,
      ),
      [
        ["aleo-ops", "alert", "two words", "--json"],
        ["tee", "x"],
        ["aleo-ops", "list"],
        ["make", "up"],
      ],
    );
  });
});

describe("a call in a page", () => {
  const problem = (line: string, isWhole = true) => callProblem(tree(), line.split(" "), isWhole);

  it("is right where command, options and arguments are", () => {
    for (const line of [
      "balance",
      "balance a --network mainnet",
      "program x --network=local",
      "alerts list",
      "balance --help",
      "backup --help",
      "program -- --json",
      "backup --json --contract x",
    ]) {
      assert.equal(problem(line), undefined, line);
    }
    assert.equal(problem("program", false), undefined);
  });

  it("is told of where it is not so, with what may be meant", () => {
    assert.equal(problem("balanse"), '`aleo-ops` has no command "balanse"; there is balance');
    assert.equal(
      problem("balance --jsom"),
      "`aleo-ops balance` has no option --jsom; there is --json",
    );
    assert.equal(problem("balance a b"), "`aleo-ops balance` takes 1 arguments, not 2");
    assert.equal(problem("program"), "`aleo-ops program` needs 1 arguments, not 0");
    assert.equal(problem("backup --json"), "`aleo-ops backup` needs --contract");
    assert.equal(problem("alerts"), "`aleo-ops alerts` needs a command behind it");
    assert.equal(problem("alerts show"), '`aleo-ops alerts` has no command "show"');
  });
});

describe("a page", () => {
  it("is read: front matter, anchors, links, blocks with their remarks", () => {
    const page = readPage(
      [
        "---",
        "reviewed: 2026-11-25",
        "---",
        "# First 5 minutes: `what`",
        "# Twice",
        "# Twice",
        "See [x](a.md#b) and ![p](p.png), not `[y](z)`.",
        "```sh",
        "aleo-ops health",
        "```",
        "<!-- expect: edition 0 -->",
        "<!-- not run: because -->",
      ].join("\n"),
    );
    assert.deepEqual(page.front, { reviewed: "2026-11-25" });
    assert.deepEqual([...page.anchors], ["first-5-minutes-what", "twice", "twice-1"]);
    assert.deepEqual(page.links, [
      { line: 7, target: "a.md#b", isImage: false },
      { line: 7, target: "p.png", isImage: true },
    ]);
    assert.deepEqual(page.blocks, [
      {
        ...{ language: "sh", line: 9, lines: ["aleo-ops health"] },
        remarks: [
          { kind: "expect", text: "edition 0" },
          { kind: "not run", text: "because" },
        ],
      },
    ]);
  });
});

describe("docs check", () => {
  const directory = temporaryDirectory("docs-check");
  after(() => {
    directory.remove();
  });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(directory.path, file)), { recursive: true });
    writeFileSync(join(directory.path, file), text);
  };
  const now = new Date("2026-11-25T12:00:00Z");

  it("finds nothing in this project", async () => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      ["operations/cli.ts", "docs", "check"],
      { cwd: projectDirectory, reject: false },
    );
    assert.equal(exitCode, 0, stdout + stderr);
  });

  it("finds a wrong command, link, heading, rule and date, each with its line", async () => {
    write("Makefile", "up: x\n");
    write("monitor/rules/local.yaml", "rules:\n  a:\n    runbook: runbooks/a.md#nowhere\n");
    write("runbooks/b.md", "# B\n");
    write(
      "runbooks/a.md",
      "---\nreviewed: 2026-05-01\n---\n# A\n\n```sh\naleo-ops balance\naleo-ops wrong\n```\n\n[b](b.md#c) [gone](gone.md) `aleo-ops balance --wrong`\n\n    $ make down\n",
    );
    const { problems } = await checkDocs(directory.path, tree(), now);
    assert.deepEqual(problems.map(({ file, line, what }) => `${file}:${line} ${what}`).sort(), [
      "monitor/rules/local.yaml:3 the runbook runbooks/a.md#nowhere of a rule leads to no heading",
      "runbooks/a.md:1 it was last reviewed 208 days ago, on 2026-05-01",
      "runbooks/a.md:11 `aleo-ops balance` has no option --wrong",
      "runbooks/a.md:11 the link to b.md#c leads to no heading",
      "runbooks/a.md:11 the link to gone.md leads to no file",
      'runbooks/a.md:13 the Makefile has no target "down"',
      'runbooks/a.md:8 `aleo-ops` has no command "wrong"',
      "runbooks/b.md:1 it says nowhere when it was reviewed",
    ]);
  });
});
