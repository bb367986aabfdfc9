import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { type StandIn, startStandIn, token } from "./stand-in.ts";

interface Incident {
  readonly id: string;
  readonly status: string;
  readonly urgency: string;
  readonly title: string;
  readonly incident_key: string;
  readonly alert_counts: { readonly all: number };
  readonly assignments: readonly { readonly assignee: { readonly id: string } }[];
}

describe("the PagerDuty stand-in", () => {
  let pagerDuty: StandIn;
  let policy: string;
  let service: string;
  let routingKey: string;

  before(async () => {
    pagerDuty = await startStandIn();
    policy = await make("escalation_policies", "escalation_policy", {
      name: "Critical",
      escalation_rules: [
        {
          escalation_delay_in_minutes: 5,
          targets: [{ id: "PONCALL", type: "schedule_reference" }],
        },
        { escalation_delay_in_minutes: 5, targets: [{ id: "PLEAD01", type: "user_reference" }] },
      ],
    });
    service = await make("services", "service", {
      name: "Aleo <critical> alerts",
      escalation_policy: { id: policy, type: "escalation_policy_reference" },
      acknowledgement_timeout: null,
      auto_resolve_timeout: null,
    });
    const { body } = await pagerDuty.call<{ integration: { integration_key: string } }>(
      "POST",
      `/services/${service}/integrations`,
      { integration: { name: "monitor", type: "events_api_v2_inbound_integration" } },
    );
    routingKey = body.integration.integration_key;
  });

  after(() => pagerDuty.stop());

  afterEach(() => pagerDuty.call("DELETE", "/_faults"));

  async function make(path: string, name: string, value: object): Promise<string> {
    const { status, body } = await pagerDuty.call<Record<string, { id: string }>>(
      "POST",
      `/${path}`,
      { [name]: value },
    );
    assert.equal(status, 201, JSON.stringify(body));
    return body[name]?.id ?? assert.fail();
  }

  const trigger = (dedup_key: string, more: object = {}) => ({
    routing_key: routingKey,
    event_action: "trigger",
    dedup_key,
    payload: { summary: `about ${dedup_key}`, source: "monitor", severity: "critical", ...more },
  });

  const followUp = (event_action: string, dedup_key: string) => ({
    routing_key: routingKey,
    event_action,
    dedup_key,
  });

  async function incidentsOf(key: string): Promise<readonly Incident[]> {
    const { body } = await pagerDuty.call<{ incidents: Incident[] }>(
      "GET",
      `/incidents?incident_key=${key}`,
    );
    return body.incidents;
  }

  const statuses = async (key: string) => (await incidentsOf(key)).map(({ status }) => status);

  describe("makes incidents of events", () => {
    it("one for each deduplication key while it is open, and another after it was resolved", async () => {
      const answer = await pagerDuty.send(trigger("one"));
      assert.equal(answer.status, 202);
      assert.deepEqual(answer.body, {
        status: "success",
        message: "Event processed",
        dedup_key: "one",
      });
      await pagerDuty.send(trigger("one", { summary: "again" }));
      const [incident, ...others] = await incidentsOf("one");
      assert.deepEqual(others, []);
      assert.deepEqual([incident?.title, incident?.alert_counts.all], ["about one", 2]);
      await pagerDuty.send(followUp("acknowledge", "one"));
      assert.deepEqual(await statuses("one"), ["acknowledged"]);
      await pagerDuty.send(followUp("resolve", "one"));
      assert.deepEqual(await statuses("one"), ["resolved"]);
      await pagerDuty.send(trigger("one"));
      assert.deepEqual(await statuses("one"), ["resolved", "triggered"]);
    });

    it("none of what follows up on nothing, which is no error", async () => {
      assert.equal((await pagerDuty.send(followUp("resolve", "unheard"))).status, 202);
      assert.deepEqual(await incidentsOf("unheard"), []);
    });

    it("with a key of its own for an event that has none", async () => {
      const { dedup_key, ...without } = trigger("left out");
      const { body } = await pagerDuty.send(without);
      assert.match(String(body.dedup_key), /^[0-9a-f]{32}$/, dedup_key);
    });

    it("none while the service is under maintenance", async () => {
      const other = await make("services", "service", {
        name: "Under maintenance",
        escalation_policy: { id: policy },
      });
      const { body } = await pagerDuty.call<{ integration: { integration_key: string } }>(
        "POST",
        `/services/${other}/integrations`,
        { integration: { name: "monitor", type: "events_api_v2_inbound_integration" } },
      );
      const event = { ...trigger("quiet"), routing_key: body.integration.integration_key };
      const hour = 3_600_000;
      const window = await make("maintenance_windows", "maintenance_window", {
        start_time: new Date(Date.now() - hour).toISOString(),
        end_time: new Date(Date.now() + 1_000 * hour).toISOString(),
        services: [{ id: other, type: "service_reference" }],
      });
      assert.equal((await pagerDuty.send(event)).status, 202);
      assert.deepEqual(await incidentsOf("quiet"), []);
      await pagerDuty.call("DELETE", `/maintenance_windows/${window}`);
      await pagerDuty.send(event);
      assert.equal((await incidentsOf("quiet")).length, 1);
    });

    it("that go to the next level as its clock goes on", async () => {
      await pagerDuty.send(trigger("late"));
      const assignee = async () => (await incidentsOf("late"))[0]?.assignments[0]?.assignee.id;
      assert.match(String(await assignee()), /^PENGIN[12]$/);
      await pagerDuty.call("POST", "/_clock", { advanceMinutes: 5 });
      assert.equal(await assignee(), "PLEAD01");
      const [incident] = await incidentsOf("late");
      const { body } = await pagerDuty.call<{ log_entries: { type: string }[] }>(
        "GET",
        `/incidents/${incident?.id ?? ""}/log_entries`,
      );
      assert.deepEqual(
        body.log_entries.map(({ type }) => type.replace("_log_entry", "")),
        ["notify", "escalate", "notify", "trigger"],
      );
    });
  });

  describe("refuses events as PagerDuty does:", () => {
    const long = (length: number) => "x".repeat(length);
    const refusals: [what: string, event: () => unknown, error: RegExp][] = [
      ["no JSON", () => "{", /^JSON is invalid$/],
      ["a list", () => [], /'event_action' is invalid/],
      ["another action", () => ({ ...trigger("a"), event_action: "page" }), /'event_action'/],
      [
        "no routing key",
        () => ({ ...trigger("a"), routing_key: undefined }),
        /'routing_key' is mi/,
      ],
      [
        "a short routing key",
        () => ({ ...trigger("a"), routing_key: "abc" }),
        /^Length of 'routing_key' is incorrect \(should be 32 characters\)$/,
      ],
      [
        "a routing key of no integration",
        () => ({ ...trigger("a"), routing_key: long(32) }),
        /^Invalid routing key$/,
      ],
      ["a long key", () => trigger(long(256)), /Length of 'dedup_key'.*255/],
      ["a follow-up without key", () => ({ ...followUp("resolve", ""), dedup_key: "" }), /'dedup_/],
      ["no payload", () => ({ ...trigger("a"), payload: undefined }), /'payload' is missing/],
      ["a blank summary", () => trigger("a", { summary: " " }), /'payload.summary' is missing/],
      ["a long summary", () => trigger("a", { summary: long(1_025) }), /'payload.summary'.*1024/],
      ["no source", () => trigger("a", { source: undefined }), /'payload.source' is missing/],
      ["another severity", () => trigger("a", { severity: "high" }), /'payload.severity'.*'info'/],
      ["a wrong time", () => trigger("a", { timestamp: "now" }), /'payload.timestamp' is invalid/],
      [
        "more than 512 KB",
        () => trigger("a", { custom_details: long(512 * 1_024) }),
        /^Event is too large/,
      ],
    ];
    for (const [what, event, error] of refusals) {
      it(what, async () => {
        const { status, body } = await pagerDuty.send(event());
        assert.equal(status, 400);
        assert.deepEqual([body.status, body.message], ["invalid event", "Event object is invalid"]);
        assert.match((body.errors as string[]).join("\n"), error);
      });
    }

    it("but takes what is just within the limits", async () => {
      const { status, body } = await pagerDuty.send(
        trigger(long(255), { summary: long(1_024), custom_details: long(500 * 1_024) }),
      );
      assert.equal(status, 202, JSON.stringify(body));
    });
  });

  describe("speaks REST", () => {
    it("only with the token", async () => {
      for (const authorization of ["", "Token token=other", token]) {
        const { status, body } = await pagerDuty.call("GET", "/users", undefined, {
          authorization,
        });
        assert.deepEqual([status, body], [401, { error: { message: "Unauthorized", code: 2006 } }]);
      }
      assert.equal(
        (await pagerDuty.call("GET", "/_received", undefined, { authorization: "" })).status,
        401,
      );
    });

    it("in pages", async () => {
      const { body } = await pagerDuty.call<Record<string, unknown> & { users: { id: string }[] }>(
        "GET",
        "/users?limit=2&offset=1&total=true",
      );
      const { users, ...page } = body;
      assert.deepEqual(
        users.map(({ id }) => id),
        ["PENGIN2", "PLEAD01"],
      );
      assert.deepEqual(page, { limit: 2, offset: 1, total: 5, more: true });
      const last = await pagerDuty.call("GET", "/users?limit=2&offset=4");
      assert.deepEqual([last.body.more, last.body.total], [false, null]);
      assert.equal((await pagerDuty.call("GET", "/users?limit=101")).status, 400);
    });

    it("with people and schedules to reference, found by name or address", async () => {
      const users = await pagerDuty.call<{ users: { id: string; email: string }[] }>(
        "GET",
        "/users?query=robin.lead@example.org",
      );
      assert.deepEqual(
        users.body.users.map(({ id }) => id),
        ["PLEAD01"],
      );
      const schedule = await pagerDuty.call<{
        schedule: { escalation_policies: { id: string }[] };
      }>("GET", "/schedules/PONCALL");
      assert.deepEqual(
        schedule.body.schedule.escalation_policies.map(({ id }) => id),
        [policy],
      );
    });

    it("and says who is on call, for each level of each policy", async () => {
      const { body } = await pagerDuty.call<{
        oncalls: { escalation_level: number; user: { id: string }; end: string | null }[];
      }>("GET", "/oncalls");
      assert.deepEqual(
        body.oncalls.map(({ escalation_level }) => escalation_level),
        [1, 2],
      );
      const [first, second] = body.oncalls;
      assert.match(String(first?.user.id), /^PENGIN/);
      assert.ok(Date.parse(first?.end ?? "") > Date.now());
      assert.deepEqual([second?.user.id, second?.end], ["PLEAD01", null]);
    });

    it("changes only what is given, and null means never", async () => {
      const id = await make("services", "service", {
        name: "Defaults",
        escalation_policy: { id: policy },
      });
      const read = async () =>
        (await pagerDuty.call<{ service: Record<string, unknown> }>("GET", `/services/${id}`)).body
          .service;
      const before = await read();
      assert.deepEqual(
        [before.acknowledgement_timeout, before.auto_resolve_timeout, before.status],
        [1_800, 14_400, "active"],
      );
      await pagerDuty.call("PUT", `/services/${id}`, { service: { auto_resolve_timeout: null } });
      assert.deepEqual(await read(), { ...before, auto_resolve_timeout: null });
    });

    const refused: [what: string, path: string, body: () => object, error: RegExp][] = [
      [
        "a taken name",
        "escalation_policies",
        () => ({
          escalation_policy: {
            name: "Critical",
            escalation_rules: [
              {
                escalation_delay_in_minutes: 1,
                targets: [{ id: "PONCALL", type: "schedule_reference" }],
              },
            ],
          },
        }),
        /Name has already been taken/,
      ],
      [
        "a policy without rules",
        "escalation_policies",
        () => ({ escalation_policy: { name: "x", escalation_rules: [] } }),
        /escalation_rules/,
      ],
      [
        "a policy for nobody that is there",
        "escalation_policies",
        () => ({
          escalation_policy: {
            name: "x",
            escalation_rules: [
              {
                escalation_delay_in_minutes: 1,
                targets: [{ id: "PNOBODY", type: "user_reference" }],
              },
            ],
          },
        }),
        /no user with id PNOBODY/,
      ],
      [
        "a delay of none",
        "escalation_policies",
        () => ({
          escalation_policy: {
            name: "x",
            escalation_rules: [
              {
                escalation_delay_in_minutes: 0,
                targets: [{ id: "PCTO001", type: "user_reference" }],
              },
            ],
          },
        }),
        /escalation_delay_in_minutes/,
      ],
      [
        "a service without policy",
        "services",
        () => ({ service: { name: "x", escalation_policy: { id: "PNOPE00" } } }),
        /Escalation policy can't be blank/,
      ],
      [
        "support hours left out",
        "services",
        () => ({
          service: {
            name: "x",
            escalation_policy: { id: policy },
            incident_urgency_rule: {
              type: "use_support_hours",
              during_support_hours: { type: "constant", urgency: "high" },
              outside_support_hours: { type: "constant", urgency: "low" },
            },
          },
        }),
        /Support hours can't be blank/,
      ],
      ["another body", "services", () => ({ name: "x" }), /service cannot be blank/],
    ];
    for (const [what, path, body, error] of refused) {
      it(`and refuses ${what} with 400 and why`, async () => {
        const answer = await pagerDuty.call<{
          error: { message: string; code: number; errors: string[] };
        }>("POST", `/${path}`, body());
        assert.equal(answer.status, 400);
        const { message, code, errors } = answer.body.error;
        assert.deepEqual([message, code], ["Invalid Input Provided", 2001]);
        assert.match(errors.join("\n"), error);
      });
    }

    it("keeps a policy that a service uses", async () => {
      const { status, body } = await pagerDuty.call("DELETE", `/escalation_policies/${policy}`);
      assert.equal(status, 400);
      assert.match(JSON.stringify(body), /being used by one or more services/);
    });

    it("answers 404 for what is not there", async () => {
      for (const path of [
        "/services/PNOPE00",
        "/no_such_thing",
        `/services/${service}/integrations/PNOPE00`,
      ]) {
        assert.equal((await pagerDuty.call("GET", path)).status, 404, path);
      }
    });

    it("lets a user acknowledge and resolve an incident, in the name of one that is there", async () => {
      await pagerDuty.send(trigger("by hand"));
      const [incident] = await incidentsOf("by hand");
      const put = (status: string, from: string) =>
        pagerDuty.call(
          "PUT",
          `/incidents/${incident?.id ?? ""}`,
          { incident: { type: "incident_reference", status } },
          { from },
        );
      assert.equal((await put("acknowledged", "nobody@example.org")).status, 400);
      assert.equal((await put("acknowledged", "robin.lead@example.org")).status, 200);
      assert.deepEqual(await statuses("by hand"), ["acknowledged"]);
      await put("resolved", "robin.lead@example.org");
      assert.match(
        JSON.stringify((await put("resolved", "robin.lead@example.org")).body),
        /Already Resolved/,
      );
    });
  });

  describe("fails on demand", () => {
    const fault = (body: object) => pagerDuty.call("POST", "/_faults", body);

    it("with 429 and PagerDuty's headers, for so many calls", async () => {
      await fault({ answer: "status", status: 429, count: 2 });
      const answer = await pagerDuty.call("GET", "/users");
      assert.deepEqual(answer.body, { error: { message: "Rate Limit Exceeded", code: 2020 } });
      assert.deepEqual(
        ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) =>
          answer.headers.get(name),
        ),
        ["960", "0", "1"],
      );
      assert.equal((await pagerDuty.send(trigger("busy"))).body.status, "throttle exceeded");
      assert.equal((await pagerDuty.call("GET", "/users")).status, 200);
    });

    it("only for the calls that are named, and only for a time", async () => {
      await fault({ answer: "status", status: 500, calls: "POST /v2/enqueue", forMs: 300 });
      assert.equal((await pagerDuty.call("GET", "/users")).status, 200);
      assert.equal((await pagerDuty.send(trigger("broken"))).status, 500);
      await new Promise((resolve) => setTimeout(resolve, 350));
      assert.equal((await pagerDuty.send(trigger("broken"))).status, 202);
    });

    it("by cutting the connection: before the event is taken, or in place of the answer", async () => {
      await fault({ answer: "cut" });
      await assert.rejects(pagerDuty.send(trigger("cut")));
      assert.deepEqual(await incidentsOf("cut"), []);
      await fault({ answer: "lost", calls: "POST" });
      await assert.rejects(pagerDuty.send(trigger("lost")));
      assert.equal((await incidentsOf("lost")).length, 1);
    });

    it("by not answering", async () => {
      await fault({ answer: "silence" });
      const signal = AbortSignal.timeout(200);
      await assert.rejects(
        fetch(`${pagerDuty.url}/v2/enqueue`, { method: "POST", body: "{}", signal }),
        {
          name: "TimeoutError",
        },
      );
    });

    it("and refuses a fault that it does not know", async () => {
      assert.equal((await fault({ answer: "status" })).status, 400);
      assert.equal((await fault({ answer: "nonsense" })).status, 400);
    });
  });

  it("keeps every event as it came, with the answer that it got", async () => {
    const text = ` ${JSON.stringify(trigger("raw"))}`;
    await pagerDuty.send(text);
    await pagerDuty.call("POST", "/_faults", { answer: "status", status: 503 });
    await pagerDuty.send("again");
    const { body } = await pagerDuty.call<{ events: { body: string; status: number }[] }>(
      "GET",
      "/_received",
    );
    assert.deepEqual(
      body.events.slice(-2).map(({ body: sent, status }) => [sent, status]),
      [
        [text, 202],
        ["again", 503],
      ],
    );
  });

  it("loses nothing when it is killed", async () => {
    await pagerDuty.send(trigger("killed"));
    const paths = ["/incidents?limit=100", "/services", "/escalation_policies", "/_received"];
    const all = () =>
      Promise.all(paths.map(async (path) => (await pagerDuty.call("GET", path)).body));
    const before = await all();
    await pagerDuty.killAndRestart();
    assert.deepEqual(await all(), before);
    assert.equal((await pagerDuty.send(followUp("resolve", "killed"))).status, 202);
    assert.deepEqual(await statuses("killed"), ["resolved"]);
  });

  it("shows all this on a page that needs no script and gives no key away", async () => {
    await pagerDuty.send(trigger("shown", { summary: "<script>alert(1)</script>" }));
    const response = await fetch(`${pagerDuty.url}/`);
    const html = await response.text();
    assert.match(html, /&#60;script&#62;alert\(1\)&#60;\/script&#62;/);
    assert.match(html, /Aleo &#60;critical&#62; alerts/);
    assert.match(html, /Robin Lead <span class="quiet">Critical, level 2/);
    assert.match(html, /after 5 min: Robin Lead/);
    assert.doesNotMatch(html, /<script|src=|href=|https?:/);
    assert.ok(!html.includes(routingKey) && !html.includes(token));
    assert.match(
      response.headers.get("content-security-policy") ?? "",
      /^default-src 'none'; style-src 'sha256-/,
    );
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  });

  it("answers under no name but this machine's own", async () => {
    const status = (host: string) =>
      new Promise((resolve, reject) => {
        request({ port: pagerDuty.port, host: "127.0.0.1", headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once("error", reject)
          .end();
      });
    assert.equal(await status(`localhost:${pagerDuty.port}`), 200);
    assert.equal(await status("rebound.example.org"), 403);
  });

  it("logs neither token nor keys", async () => {
    await pagerDuty.send(trigger("logged"));
    const log = readFileSync(pagerDuty.logFile, "utf8");
    assert.match(log, /^PagerDuty stand-in on http:\/\/127\.0\.0\.1:\d+\n/);
    assert.ok(!log.includes(token) && !log.includes(routingKey));
  });
});
