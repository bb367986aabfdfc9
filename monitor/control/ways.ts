import { severities, type Severity } from "../alert/severity.ts";
import type { Route } from "../deliver/route.ts";
import type { Rule } from "../rule/rule-file.ts";
import type { OutboxStore, RouteTest } from "../store/outbox-store.ts";
import type { Store } from "../store/store.ts";

/** One way to the people: a route, or one severity's part of it where each has a key of its own. */
export interface Way {
  readonly route: string;
  /** Undefined for all of those that it takes. */
  readonly severity: Severity | undefined;
  /** When it last took a notice or a test, in ms since 1970. */
  readonly tookAt: number | undefined;
  /** A test since then that it did not take. */
  readonly trouble: { readonly time: number; readonly problem: string } | undefined;
  /** A rule whose test goes this way. */
  readonly rule: string | undefined;
}

/** The ways of the routes, with what the outbox and the tests tell of them. */
export function waysOf(routes: readonly Route[], { outbox }: Store, rules: readonly Rule[]): Way[] {
  const known = { sent: outbox.lastSent(), tests: outbox.tests() };
  return routes.flatMap((route) => waysOfRoute(route, known, rules));
}

function waysOfRoute(
  route: Route,
  known: {
    readonly sent: ReturnType<OutboxStore["lastSent"]>;
    readonly tests: readonly RouteTest[];
  },
  rules: readonly Rule[],
): Way[] {
  const taken = severities.filter((severity) => route.takes(severity));
  const ways = route.isPerSeverity === true ? taken.map((severity) => [severity]) : [taken];
  const isOf = (own: readonly Severity[]) => (one: { route: string; severity: Severity }) =>
    one.route === route.name && own.includes(one.severity);
  return ways.map((own): Way => {
    const tests = known.tests.filter(isOf(own));
    const took = [
      ...known.sent.filter(isOf(own)),
      ...tests.filter(({ outcome }) => outcome === "sent"),
    ];
    const tookAt = took.length === 0 ? undefined : Math.max(...took.map(({ time }) => time));
    const failed = tests
      .filter(({ outcome, time }) => outcome !== "sent" && time > (tookAt ?? 0))
      .toSorted((a, b) => b.time - a.time)
      .at(0);
    return {
      ...{ route: route.name, tookAt },
      severity: route.isPerSeverity === true ? own[0] : undefined,
      trouble: failed && { time: failed.time, problem: failed.problem ?? failed.outcome },
      rule: rules.find(({ severity }) => own.includes(severity))?.id,
    };
  });
}
