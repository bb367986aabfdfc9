import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../../local/paths.ts";
import { createPulumiProject, type PulumiProject } from "../../support/pulumi-project.ts";
import { type StandIn, startStandIn } from "../pagerduty/stand-in.ts";

const program = (more = "", options = "{}") => `
import { AlertPolicies } from "./components/alert-policies.ts";
import { pagerDutyProvider } from "./components/alerts/pagerduty-provider.ts";
const alerts = new AlertPolicies("alerts", {
  network: "local",
  onCall: { schedule: "PONCALL" },
  teamLead: { user: "PLEAD01" },
  cto: { user: "PCTO001" },
  support: { user: "PSUPP01" },
  supportHours: { timeZone: "Europe/Berlin", days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" },
  ${more}
}, ${options});
export const { routingKeys, policies, services } = alerts;
`;

interface Policy {
  readonly id: string;
  readonly name: string;
  readonly escalation_rules: readonly {
    readonly escalation_delay_in_minutes: number;
    readonly targets: readonly { readonly id: string; readonly type: string }[];
  }[];
}

describe("PagerDuty as declared, with the real engine", function () {
  this.timeout(120_000);
  let pagerDuty: StandIn;
  let project: PulumiProject;

  before(async () => {
    pagerDuty = await startStandIn();
    project = await createPulumiProject({
      program: program(),
      config: { "pagerduty:apiUrlOverride": pagerDuty.url },
      env: { PAGERDUTY_TOKEN: pagerDuty.token },
    });
    const plugin = join(project.directory, ".pulumi-test/home/plugins/resource-pagerduty-v3.4.0");
    mkdirSync(plugin, { recursive: true });
    const file = join(projectDirectory, "local/plugins/pagerduty/plugin.ts");
    writeFileSync(
      join(plugin, "pulumi-resource-pagerduty"),
      `#!/bin/sh\nexec node "${file}" "$@"\n`,
      { mode: 0o755 },
    );
  });

  after(async () => {
    project.dispose();
    await pagerDuty.stop();
  });

  afterEach(() => pagerDuty.call("DELETE", "/_faults"));

  const fault = (body: object) => pagerDuty.call("POST", "/_faults", body);

  async function up(text = program(), env: NodeJS.ProcessEnv = {}, args: string[] = []) {
    project.write(text);
    const { code, stdout, stderr } = await project.pulumi(
      ["up", "--yes", "--skip-preview", "--diff", "--stack", project.stack, ...args],
      { env },
    );
    return { code, shown: stdout + stderr };
  }

  async function mustUp(text?: string, args?: string[]): Promise<string> {
    const { code, shown } = await up(text, {}, args);
    assert.equal(code, 0, shown);
    return shown;
  }

  async function policies(): Promise<readonly Policy[]> {
    const { body } = await pagerDuty.call<{ escalation_policies: Policy[] }>(
      "GET",
      "/escalation_policies",
    );
    return body.escalation_policies;
  }

  async function services(): Promise<
    readonly (Record<string, unknown> & { id: string; name: string })[]
  > {
    const { body } = await pagerDuty.call<{ services: { id: string; name: string }[] }>(
      "GET",
      "/services",
    );
    return body.services;
  }

  const delaysOf = (policy: Policy | undefined) =>
    policy?.escalation_rules.map((rule) => rule.escalation_delay_in_minutes);

  async function outputs() {
    return (await project.outputs()) as Record<
      "routingKeys" | "policies" | "services",
      Record<string, string>
    >;
  }

  it("makes what is declared, so that an event with a routing key pages who is on call", async () => {
    await mustUp();
    const declared = await policies();
    assert.deepEqual(
      declared.map(({ name }) => name).sort(),
      ["critical", "high", "low", "medium"].map((severity) => `Aleo local: ${severity} alerts`),
    );
    const critical = declared.find(({ name }) => name.includes("critical"));
    assert.deepEqual(
      critical?.escalation_rules.map(({ escalation_delay_in_minutes, targets }) => [
        escalation_delay_in_minutes,
        targets.map(({ id, type }) => `${type} ${id}`),
      ]),
      [
        [5, ["schedule_reference PONCALL"]],
        [5, ["user_reference PLEAD01"]],
        [5, ["user_reference PCTO001"]],
      ],
    );
    const low = (await services()).find(({ name }) => name.includes("low"));
    assert.deepEqual(
      [low?.auto_resolve_timeout, low?.acknowledgement_timeout, low?.incident_urgency_rule],
      [
        null,
        null,
        {
          type: "use_support_hours",
          during_support_hours: { type: "constant", urgency: "high" },
          outside_support_hours: { type: "constant", urgency: "low" },
        },
      ],
    );
    const { routingKeys } = await outputs();
    const answer = await pagerDuty.send({
      routing_key: routingKeys.critical,
      event_action: "trigger",
      dedup_key: "balance",
      payload: { summary: "Balance is low", source: "monitor", severity: "critical" },
    });
    assert.equal(answer.status, 202);
    const { body } = await pagerDuty.call<{
      incidents: { service: { summary: string }; assignments: { assignee: { id: string } }[] }[];
    }>("GET", "/incidents");
    assert.equal(body.incidents[0]?.service.summary, "Aleo local: critical alerts");
    assert.match(body.incidents[0].assignments[0]?.assignee.id ?? "", /^PENGIN/);
  });

  it("keeps token and routing keys out of state, outputs and what is shown", async () => {
    const { routingKeys } = await outputs();
    const state = JSON.stringify(await project.exportState());
    const shown = await project.pulumi(["stack", "output", "--json", "--stack", project.stack]);
    for (const secret of [...Object.values(routingKeys), pagerDuty.token]) {
      assert.ok(secret.length > 10);
      assert.ok(!state.includes(secret) && !shown.stdout.includes(secret));
    }
  });

  it("changes nothing the second time, for which it needs no token", async () => {
    const { code, shown } = await up(program(), { PAGERDUTY_TOKEN: "" });
    assert.equal(code, 0, shown);
    assert.match(shown, /14 unchanged/);
  });

  it("shows and makes a change where it is, and an incident that is open is no drift", async () => {
    const before = await outputs();
    project.write(program("delaysInMinutes: { critical: [3, 5, 5] },"));
    const { stdout } = await project.preview();
    assert.match(stdout, /escalationDelayInMinutes: 5 => 3/);
    assert.match(stdout, /~ 1 to update/);
    await mustUp(program("delaysInMinutes: { critical: [3, 5, 5] },"));
    assert.deepEqual(await outputs(), before);
    assert.deepEqual(
      delaysOf((await policies()).find(({ id }) => id === before.policies.critical)),
      [3, 5, 5],
    );
    const check = await project.refreshCheck();
    assert.equal(check.code, 0, check.stdout);
  });

  it("finds what was changed by hand by its name, and mends it", async () => {
    await mustUp();
    const { policies: ids, services: serviceIds } = await outputs();
    const high = (await policies()).find(({ id }) => id === ids.high) ?? assert.fail();
    await pagerDuty.call("PUT", `/escalation_policies/${high.id}`, {
      escalation_policy: {
        ...high,
        escalation_rules: high.escalation_rules.map((rule) => ({
          ...rule,
          escalation_delay_in_minutes: 300,
        })),
      },
    });
    await pagerDuty.call("PUT", `/services/${serviceIds.low ?? ""}`, {
      service: {
        support_hours: null,
        incident_urgency_rule: { type: "constant", urgency: "low" },
        scheduled_actions: [],
      },
    });
    await pagerDuty.call("DELETE", `/services/${serviceIds.medium ?? ""}`);

    const { code, stdout } = await project.refreshCheck();
    assert.equal(code, 7);
    assert.match(stdout, /alerts-high-policy.*\[diff: ~rules\]/);
    assert.match(stdout, /alerts-low-service.*\[diff: [^\]]*supportHours[^\]]*\]/);
    assert.match(stdout, /alerts-medium-service.*delete/);
    assert.doesNotMatch(stdout, /alerts-critical-\S+ +(update|delete)/);

    await mustUp(program(), ["--refresh"]);
    assert.deepEqual(delaysOf((await policies()).find(({ id }) => id === ids.high)), [30, 30]);
    const after = await outputs();
    assert.notEqual(after.services.medium, serviceIds.medium);
    assert.equal(after.services.low, serviceIds.low);
    assert.equal((await services()).length, 4);
    const clean = await project.refreshCheck();
    assert.equal(clean.code, 0, clean.stdout);
  });

  it("says in PagerDuty's words what it refuses, of which resource, and what to do", async () => {
    const changed = program("delaysInMinutes: { medium: [30] },");
    const refusals: [name: string, faults: object, env: NodeJS.ProcessEnv, text: RegExp][] = [
      [
        "402",
        { answer: "status", status: 402, calls: "PUT /escalation_policies", errors: ["No plan"] },
        {},
        /alerts-medium-policy[\s\S]*PUT \/escalation_policies\/\w+ with 402: Account does not have the abilities to perform the action: No plan\.\s+What to do: /,
      ],
      [
        "400",
        { answer: "status", status: 400, calls: "PUT", errors: ["Name has already been taken"] },
        {},
        /with 400: Invalid Input Provided: Name has already been taken\.\s+What to do: Change what the program declares/,
      ],
      [
        "401",
        {},
        { PAGERDUTY_TOKEN: "not-the-right-one" },
        /with 401: Unauthorized\.\s+What to do: Set PAGERDUTY_TOKEN or the secret pagerduty:token/,
      ],
      [
        "no token",
        {},
        { PAGERDUTY_TOKEN: "" },
        /PagerDuty's token is not set\.\s+What to do: Set PAGERDUTY_TOKEN, or run `pulumi config set --secret pagerduty:token`/,
      ],
    ];
    for (const [name, faults, env, text] of refusals) {
      if ("answer" in faults) await fault(faults);
      const { code, shown } = await up(changed, env);
      assert.notEqual(code, 0, name);
      assert.match(shown, text, name);
      assert.doesNotMatch(shown, /not-the-right-one|a-token-of-the-tests/);
      await pagerDuty.call("DELETE", "/_faults");
    }
  });

  it("waits for a PagerDuty that is busy, as long as it asks for", async () => {
    await fault({ answer: "status", status: 429, calls: "PUT /escalation_policies", count: 2 });
    await fault({ answer: "status", status: 503, calls: "PUT /escalation_policies", count: 1 });
    const begun = Date.now();
    await mustUp(program("delaysInMinutes: { medium: [30] },"));
    assert.ok(Date.now() - begun > 2_000);
    const medium = (await policies()).find(({ name }) => name.includes("medium"));
    assert.deepEqual(delaysOf(medium), [30]);
  });

  it("imports what is there, an integration by service and id", async () => {
    const { services: ids } = await outputs();
    const { body } = await pagerDuty.call<{ integration: { id: string } }>(
      "POST",
      `/services/${ids.high ?? ""}/integrations`,
      { integration: { name: "by hand", type: "events_api_v2_inbound_integration" } },
    );
    const importing = (id: string) =>
      project.pulumi([
        ...["import", "pagerduty:index/serviceIntegration:ServiceIntegration", "by-hand", id],
        ...["--yes", "--skip-preview", "--generate-code=false", "--protect=false"],
        ...["--stack", project.stack],
      ]);
    const wrong = await importing(body.integration.id);
    assert.match(wrong.stdout + wrong.stderr, /is no id to import an integration by/);
    const { code, stdout, stderr } = await importing(`${ids.high ?? ""}.${body.integration.id}`);
    assert.equal(code, 0, stdout + stderr);
    const { deployment } = await project.exportState();
    const imported = deployment.resources?.find(({ urn }) => urn.endsWith("::by-hand"));
    assert.equal(imported?.id, body.integration.id);
    assert.deepEqual(imported.inputs, {
      name: "by hand",
      service: ids.high,
      type: "events_api_v2_inbound_integration",
    });
  });

  it("goes on with the same resources where an address of the program's own takes over", async () => {
    const before = await outputs();
    const provider = `pagerDutyProvider("pagerduty", "${pagerDuty.url}", process.env.PAGERDUTY_TOKEN ?? "")`;
    const text = program("", `{ providers: { pagerduty: ${provider} } }`);
    await mustUp(text);
    assert.deepEqual(await outputs(), before);
    const state = await project.exportState();
    const urls = state.deployment.resources
      ?.filter(({ type }) => type === "pulumi:providers:pagerduty")
      .map(({ inputs }) => inputs?.apiUrlOverride);
    assert.ok(urls?.includes(pagerDuty.url));
    assert.ok(!JSON.stringify(state).includes(pagerDuty.token));
    assert.doesNotMatch(await mustUp(text), /to update|updated|created|replaced/);
  });

  it("takes all of it away again, and nothing else", async () => {
    const { code, stdout, stderr } = await project.pulumi([
      ...["destroy", "--yes", "--skip-preview", "--stack", project.stack],
    ]);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual([await policies(), await services()], [[], []]);
    assert.equal((await pagerDuty.call("GET", "/schedules/PONCALL")).status, 200);
  });

  it("makes each once, even where PagerDuty's answer is lost or the connection is cut", async () => {
    for (const path of ["POST /escalation_policies", "POST /services"]) {
      await fault({ answer: "lost", calls: path });
      await fault({ answer: "cut", calls: path });
    }
    await fault({ answer: "status", status: 500, calls: "POST /services" });
    await mustUp();
    assert.deepEqual([(await policies()).length, (await services()).length], [4, 4]);
    for (const { integrations } of await services()) {
      assert.equal((integrations as unknown[]).length, 1);
    }
  });

  it("refuses an address to which the token should not go, and arguments that it does not know", async () => {
    const body = (url: string, more: string) => `
import { Provider } from "@pulumi/pagerduty/provider.js";
import { Service } from "@pulumi/pagerduty/service.js";
import * as pulumi from "@pulumi/pulumi";
const provider = new Provider("elsewhere", { apiUrlOverride: "${url}", token: pulumi.secret(process.env.PAGERDUTY_TOKEN ?? "") });
new Service("one", { name: "one", escalationPolicy: "PNOPE00", ${more} }, { provider });
`;
    const unsafe = await up(body("http://pagerduty.example.org", ""));
    assert.match(unsafe.shown, /apiUrlOverride.*must be an https URL/s);
    const unknown = await up(
      body(pagerDuty.url, 'acknowledgementTimeout: "soon", alertGrouping: "time",'),
    );
    assert.match(unknown.shown, /acknowledgementTimeout.*must be a number of seconds/s);
    assert.match(unknown.shown, /alertGrouping.*does not know this property/s);
    const refused = await up(body(pagerDuty.url, ""));
    assert.match(refused.shown, /POST \/services with 400: .*Escalation policy can't be blank/);
    assert.doesNotMatch(refused.shown, /a-token-of-the-tests/);
  });
});
