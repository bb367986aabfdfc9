import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { LegendDisplayMode, LegendPlacement } from "@grafana/grafana-foundation-sdk/common";
import { VizLegendOptionsBuilder } from "@grafana/grafana-foundation-sdk/common";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { metricDefinitions, type MetricName } from "./definitions.ts";
import { selecting } from "./select.ts";

/** Where a metric stands on the board; those that are named nowhere come last. */
const rows: Readonly<Record<string, readonly MetricName[]>> = {
  "Alerts and notices": ["alerts", "outbox", "errors"],
  "The chain": ["height", "head", "lagBlocks", "lagSeconds", "lastPoll", "blocks", "blockInterval"],
  Endpoints: ["endpointUp", "endpointHeight", "endpointAnswer"],
  Programs: ["transactions", "aborted", "fees", "operations", "edition"],
  Credits: ["creditsIn", "creditsOut", "held", "owed", "balance"],
  Backups: ["lastBackup", "lastVerified", "lastRestored"],
};

const select = selecting({ namespace: "$namespace" });
const datasource = { type: "prometheus", uid: "${datasource}" };
const microcredits = "_microcredits";

/** A Grafana dashboard with every metric of a monitor; its namespace is chosen on it. */
export function grafanaBoard(network: string): object {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Grafana's sidecar takes this form, and the newer one only from an API server.
  const board = new DashboardBuilder(`Aleo programs on ${network}`)
    .uid(`aleo-ops-${network}`)
    .description("Made from the definitions of the monitor's metrics.")
    .tags(["aleo-ops", network])
    .refresh("1m")
    .time({ from: "now-24h", to: "now" })
    .timezone("utc")
    .readonly()
    .withVariable(
      new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"),
    )
    .withVariable(
      new QueryVariableBuilder("namespace")
        .label("Namespace")
        .datasource(datasource)
        .query(`label_values(${metricDefinitions.height.name}, namespace)`)
        .refresh(VariableRefresh.OnDashboardLoad),
    );
  const named = new Set(Object.values(rows).flat());
  const others = (Object.keys(metricDefinitions) as MetricName[]).filter((one) => !named.has(one));
  for (const [title, metrics] of Object.entries({ ...rows, Others: others })) {
    if (metrics.length === 0) continue;
    board.withRow(new RowBuilder(title));
    for (const metric of metrics) board.withPanel(panelOf(metric));
  }
  return board.build();
}

function panelOf(metric: MetricName): Builder<Panel> {
  const { name, help, labels } = metricDefinitions[metric];
  const isMoment = name.endsWith("_timestamp_seconds");
  const panel = isMoment
    ? new StatBuilder()
    : new TimeSeriesBuilder()
        .min(0)
        .legend(
          new VizLegendOptionsBuilder()
            .displayMode(LegendDisplayMode.List)
            .placement(LegendPlacement.Bottom)
            .showLegend(true),
        );
  return panel
    .title(titleOf(name))
    .description(`${help}.`)
    .datasource(datasource)
    .height(7)
    .span(isMoment ? 6 : 8)
    .unit(unitOf(metric))
    .withTarget(
      new DataqueryBuilder()
        .expr(queryOf(metric))
        .legendFormat(labels.map((label) => `{{${label}}}`).join(" ") || titleOf(name)),
    );
}

function queryOf(metric: MetricName): string {
  const { name, type, labels } = metricDefinitions[metric];
  const by = (...more: string[]) => `by (${[...labels, ...more].join(", ")})`;
  // What a panel shows in credits is kept in microcredits, and Grafana counts moments in ms.
  const scale = name.includes(microcredits)
    ? " / 1e6"
    : name.endsWith("_timestamp_seconds")
      ? " * 1000"
      : "";
  switch (type) {
    case "gauge":
      return `max ${by()} (${select(metric)})${scale}`;
    case "counter":
      return `sum ${by()} (increase(${select(metric)}[$__rate_interval]))${scale}`;
    case "histogram":
      return `histogram_quantile(0.95, sum ${by("le")} (rate(${select(metric, {}, "_bucket")}[$__rate_interval])))`;
  }
}

function unitOf(metric: MetricName): string {
  const { name } = metricDefinitions[metric];
  if (name.endsWith("_timestamp_seconds")) return "dateTimeFromNow";
  if (name.endsWith("_seconds")) return "s";
  return name.includes(microcredits) ? "suffix: credits" : "short";
}

/** `aleo_ops_endpoint_answer_seconds` as people read it. */
function titleOf(name: string): string {
  const words = name
    .replace(/^aleo_ops_/, "")
    .replace(/(_timestamp)?_seconds$|_total$|(?:_microcredits)(?:_total)?$/, "")
    .replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
