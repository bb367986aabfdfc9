import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { BackupDamagedError } from "../../../aleo/backup/errors.ts";
import { entriesOf, type Entry, partsOf } from "../../../aleo/backup/parts.ts";

async function partsWith(entries: Iterable<Entry>, largest?: number) {
  const content = createHash("sha256");
  const parts = [];
  for await (const { body, info } of partsOf(entries, content, largest)) {
    parts.push({ body, info: { object: `${parts.length}`, ...info } });
  }
  return { parts, contentSha256: content.digest("hex") };
}

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const entries = fc
  .uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 60 })
  .map((list) => list.toSorted(([a], [b]) => (a < b ? -1 : 1)));

describe("The parts of a mapping", () => {
  it("hold every entry as it was, whatever its text and the size of a part", () =>
    fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 500 }), async (list, largest) => {
        const { parts } = await partsWith(list, largest);
        const read = await Promise.all(parts.map(({ body, info }) => entriesOf(body, info, "it")));
        assert.deepEqual(read.flat(), list);
        for (const { info } of parts.slice(0, -1)) assert.ok(info.rawBytes >= largest);
        for (const { info } of parts) assert.ok(info.rawBytes < largest + 500);
      }),
    ));

  it("have one content, however they are cut", async () => {
    const list = Array.from({ length: 50 }, (_, index): Entry => [`${10 + index}field`, "true"]);
    const hashes = await Promise.all([1, 100, 1_000_000].map((size) => partsWith(list, size)));
    assert.equal(new Set(hashes.map(({ contentSha256 }) => contentSha256)).size, 1);
    assert.notEqual(
      (await partsWith(list.slice(1))).contentSha256,
      (await partsWith(list)).contentSha256,
    );
  });

  it("are not made of entries that are out of order, or come twice", async () => {
    await assert.rejects(
      partsWith([
        ["2u8", "1u8"],
        ["1u8", "1u8"],
      ]),
      /ascending order/,
    );
    await assert.rejects(
      partsWith([
        ["1u8", "1u8"],
        ["1u8", "2u8"],
      ]),
      /ascending order/,
    );
  });

  it("are refused where they are not what the manifest says", async () => {
    const { parts } = await partsWith([
      ["1field", "{\n  amount: 5u64\n}"],
      ["2field", "true"],
    ]);
    const [part] = parts;
    assert.ok(part !== undefined);
    const { body, info } = part;
    await assert.rejects(entriesOf(body.subarray(1), info, "it"), BackupDamagedError);
    await assert.rejects(entriesOf(body.subarray(0, -3), info, "it"), BackupDamagedError);
    for (const wrong of [
      { ...info, entries: 1 },
      { ...info, rawBytes: info.rawBytes - 1 },
      { ...info, rawBytes: info.rawBytes + 1 },
    ]) {
      await assert.rejects(entriesOf(body, wrong, "it"), BackupDamagedError);
    }
  });
});
