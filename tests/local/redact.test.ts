import assert from "node:assert/strict";
import { redact as redactKeys } from "../../aleo/keys.ts";
import { redact } from "../../local/redact.ts";

describe("what reaches a page on the web", () => {
  for (const text of [
    `APrivateKey1${"z".repeat(47)}`,
    `a AViewKey1${"m".repeat(44)} b`,
    "aleo1xyz",
  ]) {
    it(`is blotted out as elsewhere in the project: ${text.slice(0, 14)}…`, () => {
      assert.equal(redact(text), redactKeys(text));
    });
  }

  for (const [secret, expected] of [
    [`key AKIA${"ABCD".repeat(4)}.`, "key [key]."],
    ["postgres://user:hush@host/db", "postgres://user:[password]@host/db"],
    ["https://hooks.slack.com/services/T0/B0/x-y z", "https://hooks.slack.com/services/[key] z"],
    ["https://host:8080/a@b", "https://host:8080/a@b"],
  ] as const) {
    it(`has no secret: ${expected}`, () => {
      assert.equal(redact(secret), expected);
    });
  }
});
