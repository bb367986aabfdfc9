import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { declarationOf } from "../../../components/alerts/declaration.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { severities } from "../../../monitor/alert/severity.ts";
import { startStandIn, type StandIn, token } from "../../local/pagerduty/stand-in.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const supportHours = { timeZone: "UTC", days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" };
const people = {
  onCall: { schedule: "PONCALL" },
  teamLead: { user: "PLEAD01" },
  cto: { user: "PCTO001" },
  support: { user: "PSUPP01" },
};

describe("contacts verify", function () {
  this.timeout(60_000);
  const directory = temporaryDirectory("contacts");
  let standIn: StandIn;
  const run = async (env: NodeJS.ProcessEnv = {}) => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [join(projectDirectory, "operations", "cli.ts"), "contacts", "verify"],
      {
        ...{ cwd: directory.path, reject: false },
        env: {
          ...{ PAGERDUTY_API_URL: standIn.url, PAGERDUTY_TOKEN: token, ALEO_NETWORK: undefined },
          ...env,
        },
      },
    );
    return { code: exitCode, stdout, stderr };
  };
  const policies = new Map<string, { id: string; rules: readonly object[] }>();

  before(async () => {
    writeFileSync(
      join(directory.path, "Pulumi.local.yaml"),
      `config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["http://127.0.0.1:1"]\n  aleo-ops:maxFee: "1"\n  aleo-ops:escalation: ${JSON.stringify({ ...people, supportHours })}\n`,
    );
    standIn = await startStandIn();
  });
  after(async () => {
    await standIn.stop();
    directory.remove();
  });

  it("says of each severity that nobody is paged before the stack is up", async () => {
    const { code, stdout } = await run();
    assert.equal(code, 3);
    assert.match(
      stdout,
      /✖ {2}critical {2}- {6}PagerDuty has no escalation policy "Aleo local: critical alerts"/,
    );
  });

  it("finds who is on call at each level of the policies that the stack declares", async () => {
    for (const severity of severities) {
      const { policy } = declarationOf(severity, { ...people, network: "local", supportHours });
      const rules = (
        policy.rules as {
          escalationDelayInMinutes: number;
          targets: { type: string; id: string }[];
        }[]
      ).map(({ escalationDelayInMinutes, targets }) => ({
        escalation_delay_in_minutes: escalationDelayInMinutes,
        targets,
      }));
      const { body, status } = await standIn.call<{ escalation_policy: { id: string } }>(
        "POST",
        "/escalation_policies",
        { escalation_policy: { name: policy.name, num_loops: 0, escalation_rules: rules } },
      );
      assert.equal(status, 201);
      policies.set(severity, { id: body.escalation_policy.id, rules });
    }
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✔ {2}critical {2}1 {6}(?:Alex|Sam) Engineer \(email\)/);
    assert.match(stdout, /✔ {2}critical {2}3 {6}Kim Officer \(email\)/);
    assert.match(stdout, /✔ {2}low {7}1 {6}Jo Support \(email\)/);
  });

  it("refuses a wrong token, and asks nothing without one", async () => {
    const refused = await run({ PAGERDUTY_TOKEN: "wrong-token" });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /refuses the token \(HTTP 401/);
    assert.ok(!refused.stderr.includes("wrong-token"));
    assert.match((await run({ PAGERDUTY_TOKEN: "" })).stderr, /PAGERDUTY_TOKEN is not set/);
    const away = await run({ PAGERDUTY_API_URL: "http://127.0.0.1:1" });
    assert.equal(away.code, 1);
    assert.match(away.stderr, /can't be reached/);
  });
});
