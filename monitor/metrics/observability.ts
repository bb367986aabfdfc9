import { parseRules } from "../rule/rule-file.ts";
import { grafanaBoard } from "./grafana-board.ts";
import { type Place, type PrometheusGroup, prometheusGroups } from "./prometheus-rules.ts";

/** What a cluster's Prometheus and Grafana get of a monitor. */
export interface Observability {
  readonly ruleGroups: readonly PrometheusGroup[];
  /** Grafana dashboards by file name, as JSON. */
  readonly dashboards: Readonly<Record<string, string>>;
}

/**
 * Made from the definitions of the metrics and the network's rules.
 * @param rules the text of its file of rules
 * @throws RuleFileError for rules that can't be used
 */
export function observabilityOf(rules: string, file: string, place: Place): Observability {
  return {
    ruleGroups: prometheusGroups(parseRules(rules, file), place),
    dashboards: {
      [`aleo-ops-${place.network}.json`]: JSON.stringify(grafanaBoard(place.network), undefined, 2),
    },
  };
}
