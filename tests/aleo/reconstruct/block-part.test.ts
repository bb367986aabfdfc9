import assert from "node:assert/strict";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import type { Block } from "../../../aleo/node/shapes.ts";
import {
  BlockPartError,
  blocksOfPart,
  partOfBlocks,
} from "../../../aleo/reconstruct/block-part.ts";
import { partsFor, parseRanges, rangesText, shareOf } from "../../../aleo/reconstruct/ranges.ts";
import { slimBlock } from "../../../aleo/reconstruct/slim-block.ts";

const blockAt = (height: number): Block => ({
  block_hash: `ab${height}`,
  previous_hash: `ab${height - 1}`,
  header: { metadata: { height, timestamp: 1_700_000_000 + height } },
  transactions: [],
  aborted_transaction_ids: [],
});
const range = { from: 20, to: 24 };
const blocks = [20, 21, 22, 23, 24].map(blockAt);

describe("A part of blocks", () => {
  it("gives back what was put in", async () => {
    const body = await partOfBlocks("testnet", range, blocks);
    assert.deepEqual(await blocksOfPart(body, "testnet", range, "here"), blocks);
  });

  it("is refused where anything in it is not as it was written", async () => {
    const body = await partOfBlocks("testnet", range, blocks);
    const text = zstdDecompressSync(body).toString();
    const packed = (changed: string) => zstdCompressSync(Buffer.from(changed));
    const cases: [what: string, body: Uint8Array, reason: RegExp][] = [
      ["cut", body.subarray(0, body.length - 3), /can't be decompressed/],
      ["no zstd", Buffer.from("nonsense"), /can't be decompressed/],
      ["another format", packed("{}\n"), /not of this format/],
      ["empty", packed(""), /not of this format/],
      ["a flipped digit", packed(text.replace("1700000021", "1700000031")), /SHA-256/],
      ["a newer version", packed(text.replace('"version":1', '"version":2')), /not of this format/],
    ];
    for (const [what, damaged, reason] of cases) {
      await assert.rejects(
        blocksOfPart(damaged, "testnet", range, "here"),
        (error: unknown) => error instanceof BlockPartError && reason.test(error.message),
        what,
      );
    }
    for (const [network, other] of [
      ["mainnet", range],
      ["testnet", { from: 20, to: 25 }],
    ] as const) {
      await assert.rejects(blocksOfPart(body, network, other, "here"), /is of blocks 20 to 24/);
    }
  });

  it("is refused where a block is missing, or follows another than it names", async () => {
    const reasons: [readonly Block[], RegExp][] = [
      [blocks.slice(1), /holds 4 blocks, not 5/],
      [blocks.with(2, blockAt(21)), /block 22 does not follow/],
      [blocks.with(2, { ...blockAt(22), previous_hash: "ab9" }), /block 22 does not follow/],
    ];
    for (const [wrong, reason] of reasons) {
      const body = await partOfBlocks("testnet", range, wrong);
      await assert.rejects(blocksOfPart(body, "testnet", range, "here"), reason);
    }
  });

  it("leaves out proofs, keys and certificates, and nothing else", () => {
    const transaction = (fields: object) =>
      ({
        status: "accepted",
        type: "execute",
        transaction: { type: "execute", id: "at1", ...fields },
      }) as unknown as Block["transactions"][number];
    const kept = { execution: { transitions: [{ id: "au1", outputs: ["proof"] }] } };
    const made = slimBlock({
      ...blockAt(3),
      authority: { certificates: "long" },
      transactions: [
        transaction({
          execution: { ...kept.execution, proof: "long" },
          deployment: { program: "p", verifying_keys: [["f", "long"]] },
        }),
      ],
    });
    assert.deepEqual(made, {
      ...blockAt(3),
      transactions: [transaction({ ...kept, deployment: { program: "p" } })],
    });
  });
});

describe("The parts that hold a range of blocks", () => {
  it("have the same borders whatever is asked for, and end with the blocks", () => {
    assert.deepEqual(partsFor({ from: 1_500, to: 3_100 }), [
      { from: 1_000, to: 1_999 },
      { from: 2_000, to: 2_999 },
      { from: 3_000, to: 3_100 },
    ]);
    assert.deepEqual(partsFor({ from: 7, to: 6 }, 10), [{ from: 0, to: 6 }]);
    assert.deepEqual(partsFor({ from: 10, to: 9 }, 10), []);
  });

  it("are each given to one worker, and named in a text that gives them back", () => {
    const height = fc.nat(5_000);
    const size = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(height, height, size, fc.integer({ min: 1, max: 7 }), (a, b, part, workers) => {
        const parts = partsFor({ from: Math.min(a, b), to: Math.max(a, b) }, part);
        const shares = Array.from({ length: workers }, (_, worker) =>
          shareOf(parts, worker, workers),
        );
        assert.deepEqual(
          shares.flat().sort((one, other) => one.from - other.from),
          parts,
        );
        const missing = parts.filter(({ from }) => from % 3 !== 1);
        if (missing.length === 0) return;
        const read = parseRanges(rangesText(missing)) ?? [];
        assert.deepEqual(
          read.flatMap((one) => partsFor(one, part)),
          missing,
        );
      }),
    );
    for (const text of ["", "5", "9-4", "1-2,", "a-b", "-3"]) {
      assert.equal(parseRanges(text), undefined);
    }
  });
});
