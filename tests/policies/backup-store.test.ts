import assert from "node:assert/strict";
import { bucketsAreEncrypted } from "../../policies/rules/buckets-are-encrypted.ts";
import { bucketsAreLocked } from "../../policies/rules/buckets-are-locked.ts";
import { bucketsAreNotPublic } from "../../policies/rules/buckets-are-not-public.ts";
import type { Properties } from "../../policies/known.ts";
import { type Declaration, declaredBy, mockResources } from "../components/declared.ts";
import { brokenInStack, declare } from "./declare.ts";

describe("the policies of every stack, on the backup store", () => {
  let store: Declaration;

  before(async () => {
    await mockResources();
    const { BackupStore } = await import("../../components/backup-store.ts");
    const lock = { mode: "compliance", days: 365 } as const;
    store = await declaredBy(
      (options) =>
        new BackupStore(
          "backups",
          { network: "mainnet", lock, replicaRegion: "eu-west-1" },
          options,
        ),
    );
  });

  const declared = () =>
    store.all.map(({ type, name, inputs }) =>
      declare(type, name, { ...(inputs as Properties), id: name }, { stack: "mainnet" }),
    );

  for (const rule of [bucketsAreEncrypted, bucketsAreLocked, bucketsAreNotPublic]) {
    it(`it breaks none: ${rule.name}`, () => {
      assert.deepEqual(brokenInStack(rule, declared()), []);
    });

    it(`it would break one without any of its parts: ${rule.name}`, () => {
      const buckets = declared().filter(({ type }) => type === "aws:s3/bucket:Bucket");
      assert.ok(buckets.length >= 3);
      assert.ok(brokenInStack(rule, buckets).length >= 3);
    });
  }
});
