import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { BackupDamagedError, BackupError, BackupFormatError } from "../../../aleo/backup/errors.ts";
import { manifestText, readManifest } from "../../../aleo/backup/manifest.ts";

const sha256 = "ab".repeat(32);

const content = {
  id: "20250621_1200",
  network: "testnet" as const,
  program: "agent_registry_v2.aleo",
  edition: 0,
  owner: null,
  checksum: sha256,
  height: 1_000_000,
  blockHash: "ab1hash",
  stateRoot: "sr1root",
  blockTime: "2025-06-21T11:59:58.000Z",
  begunAt: "2025-06-21T12:00:03.120Z",
  source: "replay" as const,
  verification: {
    kind: "operation-ids" as const,
    fromHeight: 900_000,
    toHeight: 1_000_000,
    operations: 17,
  },
  claim: { object: "claim.json", bytes: 80, sha256 },
  programSource: { object: "program.aleo", bytes: 12_000, sha256 },
  mappings: [
    { name: "paused", entries: 0, contentSha256: sha256, parts: [] },
    {
      name: "stakes",
      entries: 2,
      contentSha256: sha256,
      parts: [
        {
          object: "stakes/000000.ndjson.zst",
          bytes: 40,
          sha256,
          entries: 2,
          rawBytes: 66,
        },
      ],
    },
  ],
};
const text = manifestText(content);

describe("The manifest of a backup", () => {
  it("says what was written", () => {
    assert.deepEqual(readManifest(text, "it"), {
      format: "aleo-ops backup",
      version: 1,
      ...content,
    });
  });

  it("is refused with any bit of it flipped", () => {
    const bits = fc.integer({ min: 0, max: Buffer.byteLength(text) * 8 - 1 });
    fc.assert(
      fc.property(bits, (bit) => {
        const bytes = Buffer.from(text);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.throws(() => readManifest(bytes.toString("utf8"), "it"), BackupError);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused cut off anywhere, or with anything behind it", () => {
    for (let length = 0; length < text.length; length += 97) {
      assert.throws(() => readManifest(text.slice(0, length), "it"), BackupDamagedError);
    }
    assert.throws(() => readManifest(`${text} `, "it"), BackupDamagedError);
  });

  it("of a newer format says to use a newer aleo-ops, whatever else it holds", () => {
    const newer = sealedText({ format: "aleo-ops backup", version: 2, chunks: [] });
    assert.throws(
      () => readManifest(newer, "The manifest"),
      (error: unknown) =>
        error instanceof BackupFormatError &&
        error.message.includes("version 2") &&
        error.remedy.includes("newer"),
    );
  });

  it("of something else is damaged, with what is wrong with it", () => {
    for (const [wrong, reason] of [
      ["[]", /does not say/],
      [sealedText({ format: "restic", version: 1 }), /does not say/],
      [sealedText({ format: "aleo-ops backup", version: 1, id: "20250621_1200" }), /network/],
      [JSON.stringify({ format: "aleo-ops backup", version: 1, ...content }), /own SHA-256/],
    ] as const) {
      assert.throws(
        () => readManifest(wrong, "it"),
        (error: unknown) => error instanceof BackupDamagedError && reason.test(error.message),
      );
    }
  });
});

/** With its own hash, as the manifest's file has it. */
function sealedText(document: object): string {
  const written = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  const hash = createHash("sha256").update(written(document)).digest("hex");
  return written({ ...document, sha256: hash });
}
