import { metricDefinitions, type MetricName } from "./definitions.ts";

/** Label values that are looked for; several are alternatives, undefined is any. */
export type Labels = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Names the series of a metric in PromQL that have these labels. */
export type Select = (
  metric: MetricName,
  labels?: Labels,
  /** Which part of a histogram. */
  part?: "_bucket" | "_count" | "_sum",
) => string;

/** Selects among the series that have these labels, whatever else is asked for. */
export function selecting(common: Labels): Select {
  return (metric, labels = {}, part) => {
    const matchers = Object.entries({ ...common, ...labels }).flatMap(([name, value]) =>
      value === undefined ? [] : [matcher(name, value)],
    );
    const { name } = metricDefinitions[metric];
    return `${name}${part ?? ""}${matchers.length === 0 ? "" : `{${matchers.join(",")}}`}`;
  };
}

function matcher(name: string, value: string | readonly string[]): string {
  return typeof value === "string"
    ? `${name}=${JSON.stringify(value)}`
    : `${name}=~${JSON.stringify(value.join("|"))}`;
}
