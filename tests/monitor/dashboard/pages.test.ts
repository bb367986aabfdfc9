import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Severity } from "../../../monitor/alert/severity.ts";
import { escalation } from "../../../monitor/dashboard/escalation.ts";
import { doubt, lightOf } from "../../../monitor/dashboard/light.ts";
import { htmlOf, runbookOf, sectionOf } from "../../../monitor/dashboard/runbook.ts";
import { clock, credits, id, percent } from "../../../monitor/dashboard/words.ts";
import { formatAge } from "../../../monitor/text.ts";
import type { Alert } from "../../../monitor/store/alert-store.ts";

const now = Date.parse("2026-11-25T03:00:00Z");
const alert = (severity: Severity) => ({ severity }) as Alert;

describe("the light of a program", () => {
  it("is the worst of its open alerts", () => {
    assert.equal(lightOf([], false), "fine");
    assert.equal(lightOf([alert("low"), alert("medium")], false), "attention");
    assert.equal(lightOf([alert("low"), alert("high")], false), "trouble");
    assert.equal(lightOf([alert("critical")], false), "trouble");
  });

  it("is never green while the monitor is blind, and stays red", () => {
    assert.equal(lightOf([], true), "unknown");
    assert.equal(lightOf([alert("medium")], true), "unknown");
    assert.equal(lightOf([alert("critical")], true), "trouble");
  });

  it("is doubtful where the monitor says so, and where it has not looked for long", () => {
    const status = {
      ...({ network: "local", ready: true, problem: undefined, height: 1, head: 1 } as const),
      ...{ rules: 1, programs: [] },
    };
    const polled = (ago: number) => ({ ...status, lastPoll: new Date(now - ago).toISOString() });
    assert.equal(doubt(polled(60_000), now), undefined);
    assert.match(doubt(polled(301_000), now) ?? "", /not followed for more than 5 minutes/);
    assert.match(doubt({ ...status, lastPoll: undefined }, now) ?? "", /not followed/);
    assert.equal(doubt({ ...polled(0), problem: "no node answers" }, now), "no node answers");
  });
});

describe("the words of the dashboard", () => {
  it("say spans of time as people do", () => {
    assert.equal(formatAge(-5), "0 s");
    assert.equal(formatAge(119_000), "119 s");
    assert.equal(formatAge(7_140_000), "119 min");
    assert.equal(formatAge(47 * 3_600_000), "47 h");
    assert.equal(formatAge(72 * 3_600_000), "3 days");
  });

  it("leave out the day where it is today, in UTC", () => {
    assert.equal(clock(now - 1_000, now), "02:59:59 UTC");
    assert.equal(clock(now - 4 * 3_600_000, now), "2026-11-24 23:00:00 UTC");
  });

  it("group digits, keep microcredits, and take no share of nothing", () => {
    assert.equal(credits(1_234_567_890_123n), "1\u202f234\u202f567.890123 credits");
    assert.equal(credits(0), "0 credits");
    assert.equal(percent(1, 3), "33 %");
    assert.equal(percent(1, 40), "2.5 %");
    assert.equal(percent(0, 40), "0 %");
    assert.equal(percent(0, 0), "–");
  });

  it("shorten long ids and keep all of them in the title", () => {
    const address = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";
    assert.equal(id(address), `<code title="${address}">aleo1rhgdu77…vzp9px</code>`);
    assert.equal(id("local"), "<code>local</code>");
  });
});

describe("the escalation matrix of the dashboard", () => {
  const docs = readFileSync(
    join(import.meta.dirname, "..", "..", "..", "docs", "escalation.md"),
    "utf8",
  );

  it("is that of the documentation", () => {
    const rows = [
      ...docs.matchAll(/^\| (critical|high|medium|low) \|((?:[^|\n]*\|){3}[^|\n]*)\|$/gm),
    ].map(([, severity = "", cells = ""]) => [
      severity,
      ...cells.split("|").map((cell) => cell.trim()),
    ]);
    assert.deepEqual(
      rows,
      Object.entries(escalation).map(([severity, { paged, within, then, acknowledged }]) => [
        severity,
        paged,
        within,
        then,
        acknowledged,
      ]),
    );
  });
});

describe("a runbook on an incident's page", () => {
  const text = [
    "# All",
    "intro",
    "## One thing",
    "Do `a`.",
    "",
    "### Part",
    "more",
    "## Two",
    "b",
  ].join("\n");

  it("is the section with its parts, up to the next of its rank", () => {
    assert.equal(sectionOf(text, "one-thing"), "Do `a`.\n\n### Part\nmore");
    assert.equal(sectionOf(text, "two"), "b");
    assert.equal(sectionOf(text, "three"), undefined);
  });

  it("shows paragraphs, lists, headings, commands and links", () => {
    const made = htmlOf(
      "Do `x < y`, **now**, see [here](https://example.org) and [there](other.md).\n\n" +
        "- one\n- two\n  more\n\n1. first\n\n### Part\n\n    $ run --this\n\n```sh\nrun <that>\n\nand\n```\n<!-- expect: it -->\n\n| Find | Do |\n|---|---|\n| a < b | `pause` |\n",
    );
    assert.match(made, /<code>x &#60; y<\/code>, <strong>now<\/strong>/);
    assert.match(made, /<a href="https:\/\/example\.org" rel="noreferrer">here<\/a> and there\./);
    assert.match(made, /<ul>\s*<li>one<\/li>\s*<li>two\s+more<\/li>\s*<\/ul>/);
    assert.doesNotMatch(made, /expect/);
    assert.match(made, /<th scope="col">Find<\/th>\s*<th scope="col">Do<\/th>/);
    assert.match(made, /<td>a &#60; b<\/td>\s*<td><code>pause<\/code><\/td>/);
    assert.match(made, /<ol>\s*<li>first<\/li>\s*<\/ol>/);
    assert.match(made, /<h3>Part<\/h3>/);
    assert.match(made, /<code>\$ run --this<\/code>/);
    assert.match(made, /<code>run &#60;that&#62;\n\nand<\/code>/);
  });

  it("names the alert's program where it has an example", () => {
    const { section = "", whole = "" } =
      runbookOf("runbooks/emergency-pause.md#paused", "agent_registry_v9.aleo") ?? {};
    assert.match(section, /aleo-ops activity agent_registry_v9\.aleo --last 1h/);
    assert.match(whole, /PROGRAM&#61;agent_registry_v9\.aleo\naleo-ops pause \$PROGRAM --yes/);
    const other = runbookOf("runbooks/emergency-pause.md#paused", "http://127.0.0.1:3030");
    assert.match(other?.section ?? "", /aleo-ops activity PROGRAM/);
  });

  it("is there for every rule of the project that names one", () => {
    for (const network of ["local", "testnet", "mainnet"]) {
      const file = join(
        import.meta.dirname,
        "..",
        "..",
        "..",
        "monitor",
        "rules",
        `${network}.yaml`,
      );
      for (const [, reference = ""] of readFileSync(file, "utf8").matchAll(/runbook: (\S+)/g)) {
        assert.ok(runbookOf(reference), `${network}: ${reference}`);
      }
    }
  });

  it("reads no other file", () => {
    for (const reference of [
      "docs/../package.json",
      "/etc/passwd",
      "docs/../../x.md",
      "aleo/x.md",
    ]) {
      assert.equal(runbookOf(reference), undefined, reference);
    }
  });
});
