import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PutObjectLockConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { localRegion } from "../../local/aws/aws.ts";
import { adminLine } from "../../operations/audit/admins-section.ts";
import {
  type BucketFacts,
  bucketLines,
  bucketSection,
} from "../../operations/audit/bucket-section.ts";
import { copySection } from "../../operations/audit/copy-section.ts";
import { routesSection } from "../../operations/audit/routes-section.ts";
import { Store } from "../../monitor/store/store.ts";
import { testAlert } from "../../operations/alerts/alerts.ts";
import type { ListedBackup } from "../../operations/backup/list.ts";
import { alertReceiver } from "../monitor/support/receiver.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { scratchBuckets } from "./scratch-bucket.ts";

const mine = `aleo1${"m".repeat(58)}`;
const other = `aleo1${"z".repeat(58)}`;

describe("the audit of admins", () => {
  const found = { admin: mine, owner: mine, isKept: true };

  it("takes who deployed a program for its admin, and another one for a fault", () => {
    assert.equal(adminLine("p.aleo", found, undefined).verdict, "good");
    const changed = adminLine("p.aleo", { ...found, admin: other }, undefined);
    assert.equal(changed.verdict, "bad");
    assert.match(changed.finding, new RegExp(`is ${other}, and not ${mine}`));
  });

  it("takes the account that is named before that", () => {
    const expected = { address: other, how: "the account of ALEO_PRIVATE_KEY" };
    assert.equal(adminLine("p.aleo", { ...found, admin: other }, expected).verdict, "good");
    assert.equal(adminLine("p.aleo", found, expected).verdict, "bad");
  });

  it("tells a program without an admin from one of which nothing is known", () => {
    assert.equal(adminLine("p.aleo", { ...found, admin: undefined }, undefined).verdict, "bad");
    const unknown = { admin: undefined, owner: null, isKept: false };
    assert.equal(adminLine("p.aleo", unknown, undefined).verdict, "unseen");
  });
});

describe("the audit of receivers", () => {
  const receiver = alertReceiver();
  const directory = temporaryDirectory("audit-routes");
  const database = join(directory.path, "monitor.sqlite");
  const settings = { network: "local" as const };
  const environment = () => ({
    ...{ MONITOR_DATABASE: database, PAGERDUTY_EVENTS_URL: receiver.url },
    ...{ PAGERDUTY_KEY_CRITICAL: "key-c", PAGERDUTY_KEY_HIGH: "key-h" },
  });
  const linesBy = async (env: Record<string, string>) =>
    (await routesSection(settings, env)).lines.map(
      ({ subject, verdict, finding }) => `${subject} ${verdict}: ${finding}`,
    );
  before(() => {
    Store.open(database, "local").close();
  });
  after(() => {
    directory.remove();
  });

  it("finds a severity that is told to nobody, and ways that nobody has tested", async () => {
    assert.deepEqual(await linesBy(environment()), [
      "critical good: is told to pagerduty",
      "high good: is told to pagerduty",
      "medium bad: is told to nobody",
      "low notice: is told to nobody",
      "pagerduty critical notice: was not seen to take a notice within a month",
      "pagerduty high notice: was not seen to take a notice within a month",
    ]);
    const { lines } = await routesSection(settings, environment());
    assert.equal(lines.at(-1)?.remedy, "Test it: `aleo-ops alerts test tx-failure-rate`.");
  });

  it("goes by what became of the last test, of each key by itself", async () => {
    await testAlert("local", environment(), "paused");
    const [critical, high] = (await linesBy(environment())).slice(-2);
    assert.match(critical ?? "", /^pagerduty critical notice: was not seen/);
    assert.match(high ?? "", /^pagerduty high good: took a notice \d s ago$/);
    receiver.answers.push({ status: 400 });
    await testAlert("local", environment(), "paused");
    assert.match(
      (await linesBy(environment())).at(-1) ?? "",
      /^pagerduty high bad: did not take a test \d s ago: HTTP 400/,
    );
  });

  it("takes a real notice since then for a proof as well", async () => {
    const store = Store.open(database, "local");
    store.outbox.add(
      "pagerduty",
      {
        ...{ action: "trigger", dedupKey: "k", network: "local", rule: "paused", subject: "a" },
        ...{ severity: "high", summary: "s", value: "v", height: 1, time: "", test: false },
        runbook: undefined,
      },
      Date.now(),
    );
    store.outbox.sent(1, Date.now() + 1);
    store.close();
    assert.match((await linesBy(environment())).at(-1) ?? "", /^pagerduty high good/);
  });

  it("keeps nothing and never takes a way for tested where there is no monitor's database", async () => {
    const alone = { ...environment(), MONITOR_DATABASE: join(directory.path, "none.sqlite") };
    const { text } = await testAlert("local", alone, "paused");
    assert.match(text, /won't know of it: there is no monitor's database here/);
    assert.equal(existsSync(alone.MONITOR_DATABASE), false);
    assert.match((await linesBy(alone)).at(-1) ?? "", /^deliveries unseen/);
  });
});

describe("the audit of the bucket", function () {
  this.timeout(60_000);
  const settings = { network: "testnet" as const, backups: { lockDays: 30 } };
  const good: BucketFacts = {
    lock: { value: { enabled: true, mode: "GOVERNANCE", days: 30 } },
    versioning: { value: "Enabled" },
    publicAccess: { value: true },
    encryption: { value: "aws:kms" },
  };
  const verdicts = (facts: Partial<BucketFacts>, network: "testnet" | "mainnet" = "testnet") =>
    bucketLines({ ...settings, network }, "b", { ...good, ...facts }).map(({ verdict }) => verdict);

  it("finds nothing wrong with one that is as declared", () => {
    assert.deepEqual(verdicts({}), ["good", "good", "good", "good"]);
    assert.equal(
      verdicts({ lock: { value: { enabled: true, mode: "COMPLIANCE", days: 90 } } })[0],
      "good",
    );
  });

  it("finds a lock that is gone, shorter, or of the weaker kind", () => {
    const ofLock = (value: { enabled: boolean; mode?: string; days?: number }) =>
      verdicts({ lock: { value } })[0];
    assert.equal(ofLock({ enabled: false }), "bad");
    assert.equal(ofLock({ enabled: true }), "bad");
    assert.equal(ofLock({ enabled: true, mode: "GOVERNANCE", days: 29 }), "bad");
    assert.equal(verdicts({}, "mainnet")[0], "bad");
  });

  it("finds versions that are off, a bucket that is open, and another key", () => {
    assert.deepEqual(
      verdicts({
        versioning: { value: "Suspended" },
        publicAccess: { value: false },
        encryption: { value: "AES256" },
      }),
      ["good", "bad", "bad", "bad"],
    );
  });

  it("never takes what it could not ask for good", () => {
    const denied = { problem: "AccessDenied" };
    assert.deepEqual(
      verdicts({ lock: denied, versioning: denied, publicAccess: denied, encryption: denied }),
      ["unseen", "unseen", "unseen", "unseen"],
    );
  });

  describe("on S3", () => {
    const buckets = scratchBuckets();

    it("finds that somebody has taken the lock away by hand", async () => {
      const bucket = await buckets.make(30);
      const declared = { network: "mainnet" as const, backups: { bucket, lockDays: 30 } };
      const before = await bucketSection(declared, process.env);
      assert.equal(before.lines[0]?.verdict, "good", before.lines[0]?.finding);
      const client = new S3Client({
        endpoint: process.env.AWS_ENDPOINT_URL ?? "",
        region: localRegion,
        forcePathStyle: true,
        credentials: { accessKeyId: "local", secretAccessKey: "opens-nothing" },
      });
      await client.send(
        new PutObjectLockConfigurationCommand({
          Bucket: bucket,
          ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
        }),
      );
      client.destroy();
      const [lock] = (await bucketSection(declared, process.env)).lines;
      assert.equal(lock?.verdict, "bad");
      assert.match(lock.finding, /not locked by default: a backup can be deleted at once/);
      assert.match(lock.remedy ?? "", /STACK=mainnet ARGS="up --refresh"/);
    });

    it("looks for the newest backup in the second region too", async () => {
      const bucket = await buckets.make();
      const declared = {
        network: "mainnet" as const,
        programs: [{ program: "a.aleo" }],
        backups: { bucket, lockDays: 30, replicaRegion: localRegion },
      };
      const listed: ListedBackup[] = ["20250621_1200", "20250621_1800"].map((id, index) => ({
        ...{ id, program: "a.aleo", state: "good", reconstructed: false },
        ...{ verifiedAt: null, restoredAt: null, begunAt: "", ageMs: (3 - 2 * index) * 3_600_000 },
        ...{ height: 1, edition: 0, entries: 1, bytes: 1 },
      }));
      const look = async (location = `s3://${bucket}`, backups = listed) => {
        const sections = await copySection(declared, { location, listed: backups }, process.env);
        const [line] = sections[0]?.lines ?? [];
        return `${line?.verdict ?? ""} ${line?.finding ?? ""}`;
      };
      assert.match(await look(), /^bad 20250621_1800, 60 min old, is not in/);
      await buckets.make(undefined, `${bucket}-replica`);
      await buckets.put(`${bucket}-replica`, "a.aleo/20250621_1200/manifest.json", Buffer.from(""));
      assert.match(await look(), /^bad 20250621_1800/);
      await buckets.put(`${bucket}-replica`, "a.aleo/20250621_1800/manifest.json", Buffer.from(""));
      assert.match(await look(), /^good 20250621_1800 is in/);
      const fresh = listed.map((one) => ({ ...one, ageMs: 60_000 }));
      assert.match(await look(undefined, fresh), /^unseen .*no good backup is an hour old/);
      assert.match(await look("/srv/backups"), /^unseen .*are in \/srv\/backups/);
      buckets.proxy.add({
        request: /-replica/,
        fault: { kind: "error", status: 403, code: "AccessDenied" },
      });
      assert.match(await look(), /^unseen/);
      buckets.proxy.clear();
      const without = { ...declared, backups: { bucket, lockDays: 30 } };
      assert.deepEqual(await copySection(without, { location: "", listed }, process.env), []);
    });

    it("says of a bucket that is not there that it was not looked at", async () => {
      const declared = {
        network: "testnet" as const,
        backups: { bucket: "nobody-s", lockDays: 30 },
      };
      for (const { verdict, finding } of (await bucketSection(declared, process.env)).lines) {
        assert.equal(verdict, "unseen");
        assert.match(finding, /NoSuchBucket/);
      }
    });
  });
});
