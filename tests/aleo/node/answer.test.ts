import assert from "node:assert/strict";
import fc from "fast-check";
import { classify, type Answer } from "../../../aleo/node/answer.ts";

const id = "nope.aleo";
const transaction = "at19ffu9qyj22e2y6wx8rgmrpwmglddxjx2e8zdesj0jnes29tqavxsu9xg37";
const json = (value: unknown): string => JSON.stringify(value);

interface Row {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly subject?: string;
  readonly kind: Answer["kind"];
}

const tables: Readonly<Record<string, readonly Row[]>> = {
  "devnode, bare address and /v1": [
    {
      name: "a program that is not there",
      status: 500,
      body: "Failed to find program `nope.aleo` — Missing program for ID nope.aleo",
      subject: id,
      kind: "missing",
    },
    {
      name: "an edition that is not there",
      status: 500,
      body: "Missing latest edition for program ID nope.aleo",
      subject: id,
      kind: "missing",
    },
    {
      name: "a block that is not there",
      status: 500,
      body: "Failed to get block by height — Block 99999 does not exist in storage",
      subject: "99999",
      kind: "missing",
    },
    {
      name: "a transaction that is not there",
      status: 500,
      body: `Missing confirmed transaction for ID ${transaction}`,
      subject: transaction,
      kind: "missing",
    },
    {
      name: "a mapping that is not there, when it is listed",
      status: 500,
      body: "Unable to read mapping — Illegal operation: 'nope.aleo/account' is not initialized - cannot get mapping (C).",
      subject: id,
      kind: "missing",
    },
    {
      name: "a misspelt id",
      status: 500,
      body: 'Invalid path "/program/bad": unknown error: Failed to parse string.',
      subject: "bad",
      kind: "refused",
    },
    {
      name: "a wrong transaction",
      status: 500,
      body: "Invalid transaction — Transaction 'at1x' has an insufficient base fee",
      kind: "refused",
    },
    {
      name: "a transaction that its block would abort",
      status: 500,
      body: `Block preparation aborted the following transactions: ${transaction}`,
      kind: "refused",
    },
    { name: "a route that it does not have", status: 404, body: "", subject: id, kind: "unserved" },
  ],
  "devnode, /v2": [
    {
      name: "a program that is not there, with status 500",
      status: 500,
      body: json({
        message: "Failed to find program `nope.aleo`",
        error_type: "internal_server_error",
        chain: ["Missing program for ID nope.aleo"],
      }),
      subject: id,
      kind: "missing",
    },
    {
      name: "a transaction that is not there",
      status: 404,
      body: json({ message: `Missing transaction '${transaction}'`, error_type: "not_found" }),
      subject: transaction,
      kind: "missing",
    },
    {
      name: "a wrong transaction",
      status: 422,
      body: json({ message: "Invalid transaction", error_type: "unprocessable_entity" }),
      kind: "refused",
    },
  ],
  "snarkOS, /v1": [
    {
      name: "the older prefix",
      status: 500,
      body: "Something went wrong: Missing program for ID nope.aleo",
      subject: id,
      kind: "missing",
    },
    {
      name: "a rate limit behind a 500",
      status: 500,
      body: "Too Many Requests! Wait for 1s (HTTP 429)",
      kind: "rate-limited",
    },
    {
      name: "a rate limit behind a 200, as in 2024",
      status: 200,
      body: "Too Many Requests! Wait for 1s",
      kind: "rate-limited",
    },
    {
      name: "a missing token behind a 500",
      status: 500,
      body: "Header of type `authorization` was missing (HTTP 400)",
      kind: "refused",
    },
    {
      name: "an unavailable node behind a 500",
      status: 500,
      body: "Unable to answer (HTTP 503)",
      kind: "unavailable",
    },
  ],
  "snarkOS, /v2": [
    {
      name: "a node that is syncing takes no transaction",
      status: 503,
      body: json({ message: "Unable to validate transaction (node is syncing)" }),
      kind: "refused",
    },
    {
      name: "a route for other node types",
      status: 503,
      body: json({ message: "Route isn't available for this node type" }),
      kind: "unserved",
    },
    { name: "too many verifications", status: 429, body: "", kind: "rate-limited" },
  ],
  "what is not definitely missing": [
    {
      name: "a storage fault while the program is looked for",
      status: 500,
      body: "Failed to find program `nope.aleo` — IO error: no space left on device",
      subject: id,
      kind: "unavailable",
    },
    {
      name: "another thing that is missing",
      status: 500,
      body: "Missing program for ID credits.aleo",
      subject: id,
      kind: "unavailable",
    },
    {
      name: "a proxy's 404 page",
      status: 404,
      body: "<html><h1>404 Not Found</h1></html>",
      subject: id,
      kind: "unserved",
    },
    {
      name: "a gateway's 404",
      status: 404,
      body: json({ message: "Not Found" }),
      subject: id,
      kind: "unserved",
    },
    { name: "a plain 500", status: 500, body: "", subject: id, kind: "unavailable" },
    { name: "a 502 page", status: 502, body: "<html>", subject: id, kind: "unavailable" },
  ],
  "answers that succeed": [
    { name: "null is a value", status: 200, body: "null", subject: id, kind: "value" },
    { name: "203 is a value", status: 203, body: '"at1"', kind: "value" },
    { name: "half of JSON is none", status: 200, body: '{"a": ', kind: "malformed" },
    { name: "nothing is no JSON", status: 200, body: "", kind: "malformed" },
    { name: "a page is no JSON", status: 200, body: "<html></html>", kind: "malformed" },
  ],
};

describe("classify", () => {
  for (const [dialect, rows] of Object.entries(tables)) {
    describe(dialect, () => {
      for (const { name, status, body, subject, kind } of rows) {
        it(name, () => {
          assert.equal(classify({ status, body }, subject).kind, kind);
        });
      }
    });
  }

  it("keeps the node's words, with their causes", () => {
    const body = json({ message: "Invalid transaction", chain: ["it is spent", "twice"] });
    const answer = classify({ status: 422, body });
    assert.deepEqual(answer, {
      kind: "refused",
      status: 422,
      reason: "HTTP 422, Invalid transaction — it is spent — twice",
    });
  });

  it("reads the wait a node asks for, in seconds, as a date and in words", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    const waitOf = (retryAfter: string | undefined, body = ""): unknown => {
      const answer = classify({ status: 503, body, retryAfter }, undefined, now);
      return answer.kind === "unavailable" ? answer.retryAfterMs : answer;
    };
    assert.equal(waitOf("7"), 7000);
    assert.equal(waitOf("Thu, 01 Jan 2026 00:00:09 GMT"), 9000);
    assert.equal(waitOf("Thu, 01 Jan 2025 00:00:00 GMT"), 0);
    assert.equal(waitOf("soon"), undefined);
    assert.equal(waitOf(undefined, "Wait for 3s"), 3000);
  });

  it("gives a typed answer for every status and body, and calls nothing missing unless it is named", () => {
    const word = fc.constantFrom(
      "Missing program for ID ",
      "not found",
      "Too Many Requests",
      "Invalid path",
      " does not exist in storage",
      "(HTTP 404)",
      "(HTTP 429)",
      "{",
      '"message":',
      '{"message":"',
      '"}',
      "null",
      "—",
    );
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.oneof(word, fc.string())).map((parts) => parts.join("")),
      fc
        .record({ message: fc.jsonValue(), error_type: fc.jsonValue(), chain: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999 }),
        body,
        fc.option(fc.string(), { nil: undefined }),
        (status, text, retryAfter) => {
          const subject = "zzzz_unnamed.aleo";
          const answer = classify({ status, body: text, retryAfter }, subject);
          if (status >= 200 && status < 300) {
            assert.ok(["value", "malformed", "rate-limited"].includes(answer.kind));
          } else {
            assert.notEqual(answer.kind, "value");
          }
          if (answer.kind === "missing") {
            assert.ok(status === 404 && text.includes("not_found"), text);
          }
          if ("retryAfterMs" in answer) assert.ok((answer.retryAfterMs ?? -1) >= 0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
