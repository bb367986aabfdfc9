import type { Action } from "../alert/notices.ts";
import type { Network } from "../../aleo/network.ts";
import type { Rule } from "../rule/rule-file.ts";
import type { Route } from "./route.ts";

/** What became of one notice of a test. */
export interface TestNotice {
  readonly route: string;
  readonly action: Action;
  readonly outcome: "sent" | "refused" | "failed" | "not sent";
  readonly problem?: string;
}

/**
 * Sends an alert of a rule that is marked as a test through every route that takes its severity, and
 * resolves it at once.
 * @param now in ms since 1970
 */
export async function testRoutes(
  routes: readonly Route[],
  network: Network,
  rule: Pick<Rule, "id" | "severity" | "runbook">,
  now: number,
): Promise<TestNotice[]> {
  const time = new Date(now).toISOString();
  const { id, severity, runbook } = rule;
  const testOne = async (route: Route): Promise<TestNotice[]> => {
    if (!route.takes(severity)) {
      const problem = `it takes no alert of the severity ${severity}`;
      return [{ route: route.name, action: "trigger", outcome: "not sent", problem }];
    }
    const notices: TestNotice[] = [];
    for (const action of ["trigger", "resolve"] as const) {
      const outcome = await route.send({
        ...{ action, network, rule: id, subject: "test", severity, time, runbook },
        dedupKey: `aleo-ops/${network}/test/${id}/${time}`,
        summary: `A test of the rule ${id}`,
        value: "none",
        height: undefined,
        test: true,
      });
      const problem = "problem" in outcome ? { problem: outcome.problem } : {};
      notices.push({ route: route.name, action, outcome: outcome.kind, ...problem });
      if (outcome.kind !== "sent") break;
    }
    return notices;
  };
  return (await Promise.all(routes.map(testOne))).flat();
}
