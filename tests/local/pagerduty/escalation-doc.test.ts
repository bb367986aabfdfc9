import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { declarationOf, type EscalationArgs } from "../../../components/alerts/declaration.ts";
import {
  escalationMatrix,
  reachedAfterMinutes,
  type Role,
  roles,
  severities,
  type Severity,
} from "../../../components/alerts/escalation-matrix.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { routingKeyTo, type StandIn, startStandIn } from "./stand-in.ts";

const document = readFileSync(join(projectDirectory, "docs/escalation.md"), "utf8");

const person = (role: Role) => ({ user: role });
const args: EscalationArgs = {
  network: "local",
  onCall: person("onCall"),
  teamLead: person("teamLead"),
  cto: person("cto"),
  support: person("support"),
  supportHours: { timeZone: "UTC", days: [1], from: "09:00", to: "17:00" },
};

const names: Readonly<Record<Role, string>> = {
  onCall: "on-call",
  teamLead: "team lead",
  cto: "CTO",
  support: "support",
};

const time = (minutes: number) => (minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`);

/** A row of the document's table, from what PagerDuty is told. */
function rowOf(severity: Severity): string {
  const { policy, service } = declarationOf(severity, args);
  const reached = reachedAfterMinutes(policy, service) ?? assert.fail();
  const paged = [...reached].map(([id, minutes]) => {
    const name = names[roles.find((role) => role === id) ?? assert.fail()];
    if (severity === "low") return `${name} in support hours`;
    return minutes === 0 ? `${name} at once` : `${name} after ${time(minutes)}`;
  });
  const rules = policy.rules as { escalationDelayInMinutes: number }[];
  const round = rules.reduce((sum, rule) => sum + rule.escalationDelayInMinutes, 0);
  const loops = policy.numLoops as number;
  const timeout = service.acknowledgementTimeout as string;
  return `| ${[
    severity,
    paged.join(", "),
    time(escalationMatrix[severity].withinMinutes),
    loops === 0 ? "stays there" : `again every ${time(round)}, ${loops} times`,
    timeout === "null" ? "stays so" : `paged again after ${time(Number(timeout) / 60)}`,
  ].join(" | ")} |`;
}

describe("docs/escalation.md", () => {
  for (const severity of severities) {
    it(`says of severity ${severity} what is declared`, () => {
      assert.ok(document.includes(`\n${rowOf(severity)}\n`), rowOf(severity));
    });
  }

  describe("has commands that work:", () => {
    let pagerDuty: StandIn;
    let routingKey: string;

    before(async () => {
      pagerDuty = await startStandIn();
      routingKey = await routingKeyTo(pagerDuty, "PENGIN1", "PLEAD01", "PCTO001");
    });

    after(() => pagerDuty.stop());

    const commands = [...document.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text);

    async function run(index: number): Promise<string> {
      const { stdout } = await execa(
        "bash",
        ["-euo", "pipefail", "-c", commands[index] ?? "false"],
        {
          env: {
            PAGERDUTY_API_URL: pagerDuty.url,
            PAGERDUTY_EVENTS_URL: `${pagerDuty.url}/v2/enqueue`,
            PAGERDUTY_KEY_CRITICAL: routingKey,
            PAGERDUTY_TOKEN: pagerDuty.token,
          },
        },
      );
      return stdout;
    }

    it("an alert, who has it, who has it ten minutes later, and its end", async () => {
      assert.equal(commands.length, 4);
      assert.match(await run(0), /"Event processed"/);
      assert.match(await run(1), /"assignee":\{"id":"PENGIN1"/);
      await run(2);
      assert.match(await run(1), /"assignee":\{"id":"PCTO001"/);
      await run(3);
      assert.match(await run(1), /"status":"resolved"/);
    });
  });
});
