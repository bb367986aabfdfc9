import { durationText } from "../rule/duration.ts";
import type { Rule } from "../rule/rule-file.ts";
import { type Select, selecting } from "./select.ts";

/** An alerting rule as Prometheus takes it. */
export interface PrometheusRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PrometheusGroup {
  readonly name: string;
  readonly rules: readonly PrometheusRule[];
}

/** Where a monitor runs in a cluster. */
export interface Place {
  readonly network: string;
  readonly namespace: string;
  /** Name of its Service. */
  readonly service: string;
}

/**
 * What Prometheus watches: the monitor itself, which can't say that it is gone, and each of its rules.
 * A rule whose condition the metrics tell is judged by Prometheus for itself; of the others it passes
 * on what the monitor found.
 */
export function prometheusGroups(rules: readonly Rule[], place: Place): PrometheusGroup[] {
  const select = selecting({ namespace: place.namespace });
  return [
    { name: "aleo-ops-monitor", rules: monitorRules(place, select) },
    {
      name: "aleo-ops-rules",
      rules: rules.map((rule) => ruleOf(rule, place, select)),
    },
  ];
}

function monitorRules({ network, namespace, service }: Place, select: Select): PrometheusRule[] {
  const up = `up{namespace="${namespace}", service="${service}"}`;
  const refused = select("outbox", { outcome: "refused" });
  // With a reason, Kubernetes ended it, so that it could not tell of itself.
  const ended = `kube_job_status_failed{namespace="${namespace}", reason!=""}`;
  const of = (severity: string, summary: string) => ({
    labels: { severity, network },
    annotations: { summary, runbook: "docs/monitor.md" },
  });
  return [
    {
      alert: "AleoMonitorGone",
      expr: `absent(${up}) or ${up} == 0`,
      for: "5m",
      ...of("critical", `The monitor of the Aleo programs on ${network} does not answer.`),
    },
    {
      alert: "AleoMonitorStuck",
      expr: `time() - ${select("lastPoll")} > 600`,
      for: "5m",
      ...of("critical", `The monitor of ${network} has not followed the chain for 10 minutes.`),
    },
    {
      alert: "AleoNoticesWaiting",
      expr: `${select("outbox", { outcome: "waiting" })} > 0`,
      for: "10m",
      ...of("high", `{{ $value }} notices of ${network} can't be sent by {{ $labels.route }}.`),
    },
    {
      alert: "AleoNoticesRefused",
      expr: `${refused} > ${refused} offset 15m or ${refused} unless ${refused} offset 15m`,
      ...of("high", `{{ $labels.route }} refused a notice of ${network} for good.`),
    },
    {
      alert: "AleoMonitorErrors",
      expr: `sum by (part) (increase(${select("errors")}[15m])) > 5`,
      for: "15m",
      ...of("medium", `The monitor of ${network} fails again and again: {{ $labels.part }}.`),
    },
    {
      alert: "AleoJobEnded",
      // A failed job is kept to be looked at: it counts for an hour.
      expr: `${ended} > 0 unless ${ended} offset 1h > 0`,
      ...of(
        "medium",
        `Kubernetes ended the job {{ $labels.job_name }} of ${network}, or could not run it: {{ $labels.reason }}.`,
      ),
    },
  ];
}

function ruleOf(rule: Rule, { network }: Place, select: Select): PrometheusRule {
  const { id, severity, runbook } = rule;
  const query = rule.query(select);
  const found = select("alerts", { rule: id, status: ["firing", "acknowledged"] });
  const subject = "{{ $labels.program }}{{ $labels.endpoint }}{{ $labels.account }}";
  return {
    alert: `Aleo${id.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    expr: query ?? `sum by (rule) (${found}) > 0`,
    ...(query !== undefined && rule.for > 0 ? { for: durationText(rule.for) } : {}),
    labels: { severity, network, rule: id },
    annotations: {
      summary:
        query === undefined
          ? `The monitor of ${network} has {{ $value }} open alerts of the rule ${id}.`
          : `${id} on ${network}: ${subject} ({{ $value | humanize }})`,
      ...(runbook === undefined ? {} : { runbook }),
    },
  };
}
