import assert from "node:assert/strict";
import {
  driftReport,
  type DriftReport,
  driftText,
  issueOf,
} from "../../../local/commands/drift-report.ts";
import type { EngineEvents, Step } from "../../../local/commands/engine-events.ts";
import { pagingOf } from "../../../local/commands/paging.ts";
import { publishDrift } from "../../../local/commands/publish-drift.ts";
import { type GitHubStandIn, startGitHubStandIn } from "./github-stand-in.ts";

const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

const step = (operation: string, type: string, old: object, found?: object): Step => ({
  operation,
  type,
  urn: `urn:pulumi:testnet::aleo-ops::${type}::${type.split(":").at(-1) ?? ""}`,
  old: { inputs: { ...old }, outputs: { ...old } },
  new: found && { inputs: { ...found }, outputs: { ...found } },
});
const program = step(
  "update",
  "pulumi-nodejs:dynamic/aleops:AleoProgram",
  { edition: 0 },
  { edition: 1 },
);
const setting = step(
  "update",
  "pulumi-nodejs:dynamic/aleops:ProgramSetting",
  { value: "false" },
  { value: "true" },
);
const versioning = step(
  "update",
  "aws:s3/bucketVersioning:BucketVersioning",
  { versioningConfiguration: { status: "Enabled" } },
  { versioningConfiguration: { status: "Suspended" } },
);
const job = step("delete", "kubernetes:batch/v1:CronJob", { spec: { schedule: "0 9 * * *" } });
const same = step("same", "aws:s3/bucket:Bucket", {}, {});

const events = (steps: readonly Step[], errors: readonly string[] = []): EngineEvents => ({
  steps,
  errors,
  violations: [],
  counts: {},
});
const report = (...steps: readonly Step[]) => driftReport("testnet", 7, events(steps));

describe("what a drift check found", () => {
  for (const [steps, severity] of [
    [[job], "medium"],
    [[job, versioning], "high"],
    [[setting], "high"],
    [[job, program, versioning], "critical"],
    [[], "medium"],
  ] as const) {
    it(`is ${severity}: ${steps.map(({ type }) => type).join(", ") || "drift of nothing that has a name"}`, () => {
      const found = report(...steps, same);
      assert.equal(found.kind === "drift" && found.severity, severity);
    });
  }

  it("is none by exit code 0, and a broken check by any other than 7", () => {
    assert.deepEqual(driftReport("testnet", 0, events([program])), {
      stack: "testnet",
      kind: "none",
    });
    for (const code of [1, 2, 130, 255]) {
      assert.equal(driftReport("testnet", code, events([program], ["no node"])).kind, "broken");
    }
  });

  it("names each resource and what differs, and no secret", () => {
    const key = `APrivateKey1${"z".repeat(47)}`;
    const { title, body } = issueOf(
      report(
        program,
        versioning,
        job,
        step(
          "update",
          "a:b:C",
          { __provider: "a", list: [1, 2], key: "x", long: "y".repeat(200), word: secret },
          {
            __provider: "b",
            list: [1, 3, 4],
            key,
            long: "z".repeat(200),
            word: { ...secret, ciphertext: "other" },
          },
        ),
      ),
      "https://github.com/owner/repository/actions/runs/1",
    ) ?? { title: "", body: "" };
    assert.equal(title, "Drift on testnet: 4 resources");
    assert.ok(body.startsWith("<!-- aleo-ops: drift of testnet -->\n"));
    for (const expected of [
      "Severity: **critical**",
      "[the run](https://github.com/owner/repository/actions/runs/1)",
      "- `AleoProgram` (`pulumi-nodejs:dynamic/aleops:AleoProgram`) was **changed**\n  - `edition: 0 → 1`",
      '  - `versioningConfiguration.status: "Enabled" → "Suspended"`',
      "- `CronJob` (`kubernetes:batch/v1:CronJob`) is **gone**",
      "  - `list[1]: 2 → 3`",
      "  - `list[2]: nothing → 4`",
      "  - `word: [secret] → [secret]`",
      "[key]",
      'make pulumi STACK=testnet ARGS="preview --refresh --diff"',
    ]) {
      assert.ok(body.includes(expected), `${expected} is not in:\n${body}`);
    }
    assert.doesNotMatch(body, /__provider|APrivateKey1|z{100}/);
  });

  it("leaves out what a cluster changes by itself", () => {
    const changed = step(
      "update",
      "kubernetes:batch/v1:CronJob",
      { metadata: { generation: 1 }, spec: { suspend: false } },
      { metadata: { generation: 2 }, spec: { suspend: true }, status: { active: 1 } },
    );
    const found = report(changed);
    assert.ok(found.kind === "drift");
    assert.deepEqual(driftText(found).split("\n").slice(0, 3), [
      "Drift: the network is not as stack testnet left it.",
      "  CronJob (kubernetes:batch/v1:CronJob) was changed",
      "      spec.suspend: false → true",
    ]);
  });

  it("says of a broken check why, and that it says nothing about drift", () => {
    const issue = issueOf(driftReport("mainnet", 1, events([], ["no node answers"])), undefined);
    assert.equal(issue?.title, "The drift check of mainnet is broken");
    assert.match(issue.body, /```\nno node answers\n```/);
    assert.match(issue.body, /says nothing about drift/);
  });
});

describe("the issue and the pages about drift", () => {
  let standIn: GitHubStandIn;
  const keys = {
    PAGERDUTY_KEY_CRITICAL: "c".repeat(32),
    PAGERDUTY_KEY_HIGH: "h".repeat(32),
    PAGERDUTY_KEY_MEDIUM: "m".repeat(32),
  };

  beforeEach(async () => {
    standIn = await startGitHubStandIn();
  });
  afterEach(() => standIn.stop());

  const publish = (found: DriftReport, env: NodeJS.ProcessEnv = keys) =>
    publishDrift(
      found,
      { api: standIn.url, repository: "owner/repository", token: "t" },
      pagingOf({ PAGERDUTY_EVENTS_URL: `${standIn.url}/v2/enqueue`, ...env }),
      undefined,
    );
  const open = () =>
    standIn.issues.filter(({ state }) => state === "open").map(({ title }) => title);
  const triggered = () =>
    standIn.events
      .splice(0)
      .filter(({ event_action }) => event_action === "trigger")
      .map(
        ({ routing_key, dedup_key }) => `${String(routing_key).slice(0, 1)} ${String(dedup_key)}`,
      );
  const broken = driftReport("testnet", 1, events([], ["no node answers"]));

  it("are paged at PagerDuty's usual address, but where another one is set", () => {
    const usual = "https://events.pagerduty.com/v2/enqueue";
    const europe = "https://events.eu.pagerduty.com/v2/enqueue";
    for (const [set, url] of [
      [undefined, usual],
      ["", usual],
      [europe, europe],
    ] as const) {
      assert.equal(pagingOf({ ...keys, PAGERDUTY_EVENTS_URL: set }).url, url);
    }
  });

  it("are one issue, updated by the next check and closed when the drift is gone", async () => {
    await publish(report(job));
    assert.deepEqual(triggered(), ["m aleo-ops/drift/testnet"]);
    await publish(report(job, program));
    assert.deepEqual(open(), ["Drift on testnet: 2 resources"]);
    assert.deepEqual(triggered(), ["c aleo-ops/drift/testnet"]);
    const done = await publish(driftReport("testnet", 0, events([])));
    assert.deepEqual(open(), []);
    const number = standIn.issues[0]?.number ?? 0;
    assert.deepEqual(done, [`Issue #${number} is closed: The drift is gone.`]);
    assert.equal(standIn.comments.get(number)?.[0]?.body, "The drift is gone.");
    await publish(report(job));
    assert.equal(standIn.issues.length, 2);
  });

  it("page whom the severity asks for, in PagerDuty's words, and resolve the others", async () => {
    await publish(report(program));
    const [first] = standIn.events;
    assert.deepEqual(first, {
      routing_key: keys.PAGERDUTY_KEY_CRITICAL,
      event_action: "trigger",
      dedup_key: "aleo-ops/drift/testnet",
      client: "aleo-ops",
      payload: {
        summary: "Drift on testnet: AleoProgram.",
        source: "aleo-ops testnet",
        severity: "critical",
        group: "testnet",
        class: "drift",
      },
    });
    const resolved = standIn.events.filter(({ event_action }) => event_action === "resolve");
    assert.equal(resolved.length, 5);
  });

  it("tell of a broken check besides, and leave the drift as it was known", async () => {
    await publish(report(program));
    triggered();
    await publish(broken);
    assert.deepEqual(open(), [
      "Drift on testnet: 1 resource",
      "The drift check of testnet is broken",
    ]);
    const about = standIn.events.filter(({ dedup_key }) => dedup_key === "aleo-ops/drift/testnet");
    assert.deepEqual(about, []);
    assert.deepEqual(triggered(), ["m aleo-ops/broken/testnet"]);
    await publish(report(program));
    assert.deepEqual(open(), ["Drift on testnet: 1 resource"]);
  });

  it("stay as they are while another run holds the stack", async () => {
    await publish(report(program));
    triggered();
    const locked = ["error: the stack is currently locked by 1 lock(s)"];
    const busy = driftReport("testnet", 255, events([], locked));
    assert.deepEqual(busy, { stack: "testnet", kind: "busy" });
    assert.deepEqual(await publish(busy), []);
    assert.deepEqual(open(), ["Drift on testnet: 1 resource"]);
    assert.deepEqual(standIn.events, []);
  });

  it("are of one stack each", async () => {
    await publish(report(program));
    await publish({ ...report(job), stack: "mainnet" });
    await publish(driftReport("mainnet", 0, events([])));
    assert.deepEqual(open(), ["Drift on testnet: 1 resource"]);
  });

  it("are written where nobody is to be paged", async () => {
    await publish(report(program), {});
    assert.deepEqual(open(), ["Drift on testnet: 1 resource"]);
    assert.deepEqual(standIn.events, []);
  });

  it("are written before PagerDuty refuses, which is said without a key", async () => {
    const refusing = { ...keys, PAGERDUTY_EVENTS_URL: `${standIn.url}/nowhere` };
    await assert.rejects(publish(report(program), refusing), (error: Error) => {
      assert.match(error.message, /PagerDuty .* did not take an event: 404/);
      assert.doesNotMatch(error.message, /ccc/);
      return true;
    });
    assert.deepEqual(open(), ["Drift on testnet: 1 resource"]);
  });
});
