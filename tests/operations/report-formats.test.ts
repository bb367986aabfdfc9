import assert from "node:assert/strict";
import { asHtml } from "../../operations/report/as-html.ts";
import { asMarkdown } from "../../operations/report/as-markdown.ts";
import { asText } from "../../operations/report/as-text.ts";
import { chartSvg } from "../../operations/report/chart-svg.ts";
import { change, figure, percent } from "../../operations/report/figure.ts";
import { answerOf, asDocument, ReportFileError, written } from "../../operations/report/format.ts";
import { type Chart, conclusionOf, type Report } from "../../operations/report/report.ts";

const chart: Chart = {
  ...{ title: "Calls a day", unit: "calls", kind: "bars" },
  labels: ["11-23", "11-24", "11-25"],
  series: [
    { name: "accepted", values: [10, null, 40] },
    { name: "rejected", values: [0, null, 4] },
  ],
};

const report: Report = {
  ...{ title: "Weekly report", network: "testnet", at: "2026-11-25T09:00:00.000Z" },
  about: "the last 7 days",
  sections: [
    {
      title: "Health",
      lines: [
        { subject: "node", verdict: "good", finding: "height 7" },
        {
          subject: "<script>alert(1)</script>",
          verdict: "bad",
          finding: "is | wrong & *odd*",
          remedy: "Run `aleo-ops node`.",
        },
        { subject: "alerts", verdict: "unseen", finding: "not looked at: no monitor" },
      ],
      tables: [{ header: ["Function", "Calls"], rows: [["pause", "3"]] }],
      charts: [chart, { ...chart, kind: "lines" }],
    },
  ],
};

describe("a report", () => {
  it("says in one sentence what it comes to", () => {
    assert.equal(conclusionOf(report), "Something is wrong: 1 bad, 1 good, 1 not looked at.");
    const [section] = report.sections;
    assert.ok(section);
    const without = (verdict: string) => ({
      ...report,
      sections: [{ ...section, lines: section.lines.filter((line) => line.verdict !== verdict) }],
    });
    assert.match(conclusionOf(without("bad")), /^Nothing wrong in what was looked at: /);
    assert.match(
      conclusionOf({
        ...report,
        sections: [{ ...section, lines: section.lines.slice(-1) }],
      }),
      /^Nothing could be looked at: 1 not looked at\.$/,
    );
    assert.match(
      conclusionOf({ ...report, sections: [{ ...section, lines: section.lines.slice(0, 1) }] }),
      /^All is well: 1 good\.$/,
    );
  });

  it("as text shows each line with its mark and what to do, and charts as blocks", () => {
    const text = asText(report);
    assert.match(text, /^Weekly report of testnet, the last 7 days, /);
    assert.match(text, /✔ node/);
    assert.match(text, /✖ <script>.*\n {4}What to do: Run `aleo-ops node`\./);
    assert.match(text, /accepted {2}▃·█ {2}10 to 40 calls/);
    assert.match(text, /Function {2}Calls\n {2}pause {5}3/);
  });

  it("as Markdown keeps a cell a cell", () => {
    const text = asMarkdown(report);
    assert.match(
      text,
      /\| ✖ \| &lt;script>alert\(1\)&lt;\/script> \| is \\\| wrong & \\\*odd\\\* \|/,
    );
    const rows = text.split("\n").filter((line) => line.startsWith("| ✖"));
    assert.equal(rows[0]?.replaceAll("\\|", "").match(/\|/g)?.length, 5);
  });

  it("as HTML is one page that needs nothing else and runs nothing", () => {
    const page = asHtml(report);
    assert.match(page, /^<!doctype html>/);
    assert.ok(!page.includes("<script"), "what it was given is escaped");
    assert.ok(!/(src|href)=/.test(page) && !/url\(|@import/.test(page), "no request");
    assert.match(page, /default-src 'none'/);
    assert.match(page, /<code>aleo-ops node<\/code>/);
    assert.equal(page.match(/<svg /g)?.length, 2);
    assert.match(page, /<title>11-25, rejected: 4 calls<\/title>/);
  });

  it("as JSON is the whole report with its counts", async () => {
    const document = JSON.parse(await written(report, "json")) as Record<string, unknown>;
    assert.deepEqual(document, JSON.parse(JSON.stringify(asDocument(report))));
    assert.deepEqual(document.counts, { good: 1, notice: 0, bad: 1, unseen: 1 });
  });

  it("ends with code 3 where something is bad, 1 where nothing was seen, and says where it could not be written", async () => {
    assert.equal((await answerOf(report, { format: "text" })).code, 3);
    const only = async (...verdicts: string[]) => {
      const sections = report.sections.map((section) => ({
        ...section,
        lines: section.lines.filter(({ verdict }) => verdicts.includes(verdict)),
      }));
      return (await answerOf({ ...report, sections }, { format: "text" })).code;
    };
    assert.equal(await only("good", "unseen"), 0);
    assert.equal(await only("unseen"), 1);
    await assert.rejects(
      answerOf(report, { format: "html", output: "/no/such/folder/report.html" }),
      (error: unknown) =>
        error instanceof ReportFileError && error.message.includes("/no/such/folder/report.html"),
    );
  });

  it("draws a chart of nothing, of one value, and of what is not known", () => {
    for (const values of [[], [0], [null], [1_234_567]]) {
      for (const kind of ["bars", "lines"] as const) {
        const svg = chartSvg({
          ...{ title: "A chart", unit: "x", kind },
          labels: values.map(String),
          series: [{ name: "one", values }],
        });
        assert.match(svg, /^<svg [^]*<\/svg>$/);
        assert.ok(!/NaN|Infinity|undefined/.test(svg), svg);
      }
    }
  });

  it("writes figures as people read them", () => {
    assert.deepEqual([0, 12, 1_204, 999.86, 3.4159, 0.00123456].map(figure), [
      "0",
      "12",
      "1,204",
      "1,000",
      "3.42",
      "0.00123",
    ]);
    assert.equal(percent(0.125), "12.5 %");
    assert.deepEqual(
      [change(12, 10), change(8, 10), change(10, 10), change(1, 0), change(0, 0)],
      ["+20 %", "−20 %", "as before", "none before", "as before"],
    );
  });
});
