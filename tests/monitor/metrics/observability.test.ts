import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { networks } from "../../../aleo/network.ts";
import { metricDefinitions } from "../../../monitor/metrics/definitions.ts";
import { Metrics } from "../../../monitor/metrics/metrics.ts";
import { observabilityOf } from "../../../monitor/metrics/observability.ts";
import type { PrometheusRule } from "../../../monitor/metrics/prometheus-rules.ts";
import { parseRules } from "../../../monitor/rule/rule-file.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const place = { network: "testnet", namespace: "aleo-ops", service: "monitor" };
const fileOf = (network: string) =>
  readFileSync(join(import.meta.dirname, `../../../monitor/rules/${network}.yaml`), "utf8");

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

function madeFor(network: string, rules = fileOf(network)) {
  const { ruleGroups, dashboards } = observabilityOf(rules, `${network}.yaml`, {
    ...place,
    network,
  });
  const board = JSON.parse(dashboards[`aleo-ops-${network}.json`] ?? "") as {
    readonly panels: readonly Panel[];
  };
  const queries = board.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  return { ruleGroups, rules: ruleGroups.flatMap((group) => group.rules), board, queries };
}

function ruleOf(settings: Record<string, unknown>): PrometheusRule | undefined {
  const text = JSON.stringify({ rules: { "the-rule": { severity: "high", ...settings } } });
  return madeFor("testnet", text).rules.find(({ alert }) => alert === "AleoTheRule");
}

describe("What Prometheus and Grafana get of the monitor", () => {
  const scratch = temporaryDirectory("observability");
  const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
  after(() => {
    scratch.remove();
  });
  /** Runs promtool over a file; throws with what it says. */
  const promtool = (name: string, content: unknown, ...args: string[]) => {
    const file = join(scratch.path, name);
    writeFileSync(file, JSON.stringify(content));
    execFileSync("promtool", [...args, file], { stdio: "pipe", cwd: scratch.path });
  };

  it("names only metrics that the monitor serves, by labels that they have", async () => {
    const served = new Set(
      [...(await new Metrics().text()).matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(
        ([, name = "", type]) =>
          type === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
      ),
    );
    const labelsOf = (name: string) =>
      Object.values(metricDefinitions).find((one) => name.startsWith(one.name))?.labels ?? [];
    for (const network of networks) {
      const { rules, queries } = madeFor(network);
      for (const query of [...queries, ...rules.map(({ expr }) => expr)]) {
        const names = [...query.matchAll(/(aleo_\w+)(?:\{([^}]*)\})?/g)];
        assert.ok(names.length > 0 || /\b(up|kube_job_status_failed)\{/.test(query), query);
        for (const [, name = "", matchers = ""] of names) {
          assert.ok(served.has(name), `${name} is not in /metrics`);
          assert.match(matchers, /namespace="/, "not of another monitor in the cluster");
          for (const [, label = ""] of matchers.matchAll(/(\w+)=~?"/g)) {
            assert.ok(label === "namespace" || labelsOf(name).includes(label), `${name} ${label}`);
          }
        }
        for (const [, grouping = ""] of query.matchAll(/by \(([^)]*)\)/g)) {
          const known = [...names.flatMap(([, name = ""]) => labelsOf(name)), "le", ""];
          for (const label of grouping.split(", ")) assert.ok(known.includes(label), query);
        }
      }
    }
  });

  it("shows every metric on the board, each with its unit", () => {
    const { board, queries } = madeFor("mainnet");
    for (const { name } of Object.values(metricDefinitions)) {
      assert.ok(
        queries.some((query) => new RegExp(`\\b${name}(_bucket)?\\{`).test(query)),
        `${name} is not on the board`,
      );
    }
    const panels = board.panels.filter(({ type }) => type !== "row");
    assert.equal(panels.length, Object.keys(metricDefinitions).length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    const times = panels.filter(({ type }) => type === "stat");
    assert.deepEqual(
      times.map(({ title }) => title),
      ["Monitor last poll", "Last good backup", "Last verified backup", "Last verified restore"],
    );
  });

  it("has an alert for each rule of every network, as severe and with its runbook", () => {
    for (const network of networks) {
      const { ruleGroups } = madeFor(network);
      const made = ruleGroups.find(({ name }) => name === "aleo-ops-rules")?.rules ?? [];
      assert.deepEqual(
        made.map(({ labels, annotations }) => [labels.rule, labels.severity, annotations.runbook]),
        parseRules(fileOf(network), "file").map(({ id, severity, runbook }) => [
          id,
          severity,
          runbook,
        ]),
      );
      const names = ruleGroups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
      assert.equal(new Set(names).size, names.length);
    }
  });

  it("takes thresholds and spans from the rules", () => {
    const rate = ruleOf({
      ...{ kind: "failure-rate", threshold: 0.25, window: "2h", shortWindow: "10m" },
      ...{ minimumCount: 7, programs: ["a.aleo", "b.aleo"], for: "90s" },
    });
    assert.match(rate?.expr ?? "", /> 0\.25 and .*\[2h\].* >= 7 and .*\[10m\].* > 0\.25$/);
    assert.match(rate?.expr ?? "", /program=~"a\.aleo\|b\.aleo"/);
    assert.equal(rate?.for, "90s");
    assert.match(ruleOf({ kind: "response-time", thresholdMs: 1_500 })?.expr ?? "", /> 1\.5$/);
    // No percentile of the histogram can exceed its last bound of 5 s: the monitor knows it.
    assert.match(
      ruleOf({ kind: "response-time", thresholdMs: 6_000 })?.expr ?? "",
      /aleo_ops_alerts\{.*rule="the-rule",status=~"firing\|acknowledged"\}/,
    );
    assert.match(ruleOf({ kind: "backup-age", longest: "2h" })?.expr ?? "", /> 7200$/);
    const account = `aleo1${"q".repeat(58)}`;
    const balance = { kind: "low-balance", minimumCredits: 2.5 };
    assert.match(
      ruleOf({ ...balance, accounts: [account] })?.expr ?? "",
      /account=~"aleo1q+"\} < 2500000$/,
    );
    assert.match(ruleOf(balance)?.expr ?? "", /aleo_ops_alerts/);
  });

  it("is taken by promtool", function () {
    if (!hasPromtool) this.skip();
    for (const network of networks) {
      const { ruleGroups, queries } = madeFor(network);
      promtool(`${network}.json`, { groups: ruleGroups }, "check", "rules");
      // A board's queries are checked as recording rules.
      const rules = queries.map((query, index) => ({
        record: `query_${index}`,
        expr: query.replaceAll("$namespace", "aleo-ops").replaceAll("$__rate_interval", "1m"),
      }));
      const groups = [{ name: "board", rules }];
      promtool(`${network}-board.json`, { groups }, "check", "rules");
    }
  });

  it("fires on what it is meant for, and on nothing else", function () {
    if (!hasPromtool) this.skip();
    const { ruleGroups } = madeFor("testnet");
    writeFileSync(join(scratch.path, "rules.json"), JSON.stringify({ groups: ruleGroups }));
    const at = 'namespace="aleo-ops"';
    const program = `${at},program="agent_registry_v3.aleo"`;
    const calls = (status: string) =>
      `aleo_ops_transactions_total{${program},kind="execute",function="verify_agent",status="${status}"}`;
    const up = { series: 'up{namespace="aleo-ops",service="monitor"}', values: "1x200" };
    const firing: Record<string, { series: string; values: string }[]> = {
      AleoMonitorGone: [{ ...up, values: "1x50 0x150" }],
      AleoMonitorStuck: [
        up,
        { series: `aleo_ops_monitor_last_poll_timestamp_seconds{${at}}`, values: "60x200" },
      ],
      AleoNoticesRefused: [
        up,
        {
          series: `aleo_ops_outbox_notices{${at},route="pagerduty",outcome="refused"}`,
          values: "_x95 1x5",
        },
      ],
      AleoNoticesWaiting: [
        up,
        {
          series: `aleo_ops_outbox_notices{${at},route="mail",outcome="waiting"}`,
          values: "0x50 3x150",
        },
      ],
      AleoTxFailureRate: [
        up,
        { series: calls("accepted"), values: "0+4x200" },
        { series: calls("rejected"), values: "0+1x200" },
      ],
      AleoSolvency: [
        up,
        { series: `aleo_ops_program_held_microcredits{${program}}`, values: "5x200" },
        { series: `aleo_ops_program_owed_microcredits{${program}}`, values: "6x200" },
      ],
      AleoJobEnded: [
        up,
        {
          series: `kube_job_status_failed{${at},job_name="backup-1",reason="Evicted"}`,
          values: "_x90 1x110",
        },
      ],
      AleoPaused: [
        up,
        {
          series: `aleo_ops_alerts{${at},rule="paused",severity="high",status="firing"}`,
          values: "1x200",
        },
      ],
      nothing: [
        up,
        // It told of itself.
        { series: `kube_job_status_failed{${at},job_name="a-1",reason=""}`, values: "_x90 1x110" },
        // It failed long ago.
        {
          series: `kube_job_status_failed{${at},job_name="a-2",reason="Evicted"}`,
          values: "1x200",
        },
        { series: calls("accepted"), values: "0+12x200" },
        { series: calls("rejected"), values: "0+1x200" },
        { series: `aleo_ops_program_held_microcredits{${program}}`, values: "6x200" },
        { series: `aleo_ops_program_owed_microcredits{${program}}`, values: "6x200" },
        {
          series: `aleo_ops_outbox_notices{${at},route="pagerduty",outcome="refused"}`,
          values: "2x200",
        },
        {
          series: `aleo_ops_alerts{${at},rule="paused",severity="high",status="pending"}`,
          values: "1x200",
        },
      ],
    };
    const names = ruleGroups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const tests = Object.entries(firing).map(([fires, series]) => ({
      name: fires,
      interval: "1m",
      input_series: series,
      promql_expr_test: names.map((alert) => ({
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
        eval_time: "100m",
        exp_samples: alert === fires ? [{ labels: "{}", value: 1 }] : [],
      })),
    }));
    promtool("tests.json", { rule_files: ["rules.json"], tests }, "test", "rules");
  });
});
