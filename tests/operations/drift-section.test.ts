import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keepDrift } from "../../local/commands/drift-record.ts";
import type { DriftReport } from "../../local/commands/drift-report.ts";
import { driftSection } from "../../operations/report/sections/drift-section.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const stack = "testnet";
const found: DriftReport = {
  ...{ stack, kind: "drift", severity: "high" },
  resources: [
    { name: "audit", type: "kubernetes:batch/v1:CronJob", isGone: true, differences: [] },
    { name: "policy", type: "aws:s3:BucketPolicy", isGone: false, differences: ["policy: a → b"] },
  ],
};

describe("the drift in a report", () => {
  const project = temporaryDirectory("drift-section");
  after(() => {
    project.remove();
  });
  const lines = async () =>
    (await driftSection({ network: stack }, project.path)).lines.map(
      ({ subject, verdict, finding, remedy = "" }) => `${verdict} ${subject}: ${finding} ${remedy}`,
    );
  const file = join(project.path, ".state", "drift", `${stack}.json`);

  it("is not looked at where nobody has compared", async () => {
    assert.deepEqual(await lines(), [
      "unseen all that the stack declares: not looked at: no drift check was run here Run `make drift STACK=testnet`.",
    ]);
  });

  it("is what the last check that says something found", async () => {
    await keepDrift(project.path, found);
    await keepDrift(project.path, { stack, kind: "busy" });
    await keepDrift(project.path, { stack, kind: "broken", severity: "medium", errors: ["x"] });
    const [gone, changed, ...others] = await lines();
    assert.match(
      gone ?? "",
      /^bad audit: was gone 0 s ago \(kubernetes.*`make drift STACK=testnet/,
    );
    assert.match(changed ?? "", /^bad policy: was not as the stack left it 0 s ago/);
    assert.deepEqual(others, []);
    await keepDrift(project.path, { stack, kind: "none" });
    assert.match((await lines()).join(), /^good all that .*: as the stack left them, 0 s ago $/);
    assert.match(
      (await driftSection({ network: "mainnet" }, project.path)).lines[0]?.finding ?? "",
      /no drift check/,
    );
  });

  it("is no proof of today where the check is older than a day", async () => {
    const at = new Date(Date.now() - 3 * 86_400_000).toISOString();
    writeFileSync(file, JSON.stringify({ at, resources: [] }));
    assert.match((await lines()).join(), /^notice .*but that was 3 days ago Run `make drift/);
  });

  it("is not looked at where the record is damaged", async () => {
    writeFileSync(file, "{");
    assert.match((await lines()).join(), /^unseen .*testnet\.json is damaged Run `make drift/);
  });
});
