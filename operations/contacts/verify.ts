import { given } from "../../aleo/environment.ts";
import { severities, type Severity } from "../../monitor/alert/severity.ts";
import { type Environment, type Settings, SettingError } from "../../settings.ts";
import { PagerDutyApi } from "../pager-duty-api.ts";
import { table } from "../text.ts";
import { onCallsOf, type Policy, policyNamed, waysToReach } from "./on-call.ts";

/** Who is reached now on one level of a severity's escalation. */
export interface ContactLevel {
  readonly severity: Severity;
  /** From 1; 0 where the severity has no escalation at all. */
  readonly level: number;
  readonly people: readonly {
    readonly name: string;
    /** Kinds of ways to reach them. */
    readonly reachedBy: readonly string[];
  }[];
  /** What is wrong; undefined where somebody is reached. */
  readonly problem?: string;
}

/**
 * Asks PagerDuty, for each level of each severity, who is on call now and how they are reached.
 * @throws SettingError without PAGERDUTY_TOKEN, or for a stack that declares no escalation
 * @throws PagerDutyError
 */
export async function verifyContacts(
  settings: Pick<Settings, "network" | "escalation" | "services">,
  environment: Environment,
): Promise<ContactLevel[]> {
  const { network, escalation, services } = settings;
  if (escalation === undefined) {
    throw new SettingError(`Pulumi.${network}.yaml declares no escalation: nobody is paged.`, {
      remedy: "Set aleo-ops:escalation (docs/escalation.md), then `make up`.",
    });
  }
  const token = given(environment, "PAGERDUTY_TOKEN");
  if (token === undefined) {
    throw new SettingError("PAGERDUTY_TOKEN is not set.", {
      remedy: "Set it to a REST API token that may read. Nothing was asked.",
    });
  }
  const api = new PagerDutyApi(services.pagerDuty, token);
  const levels: ContactLevel[] = [];
  for (const severity of severities) {
    const name = `Aleo ${network}: ${severity} alerts`;
    const policy = await policyNamed(api, name);
    if (policy === undefined) {
      const problem = `PagerDuty has no escalation policy "${name}": run \`make up STACK=${network}\``;
      levels.push({ severity, level: 0, people: [], problem });
    } else {
      levels.push(...(await levelsOf(severity, policy, api)));
    }
  }
  return levels;
}

async function levelsOf(
  severity: Severity,
  policy: Policy,
  api: PagerDutyApi,
): Promise<ContactLevel[]> {
  const onCalls = await onCallsOf(api, policy.id);
  return Promise.all(
    policy.escalation_rules.map(async ({ targets }, index): Promise<ContactLevel> => {
      const level = index + 1;
      const users = new Map(
        onCalls
          .filter(({ escalation_level }) => escalation_level === level)
          .map(({ user }) => [user.id, user.summary ?? user.id]),
      );
      const people = await Promise.all(
        [...users].map(async ([id, name]) => ({ name, reachedBy: await waysToReach(api, id) })),
      );
      const wanted = targets.map(({ summary, id }) => summary ?? id).join(", ");
      const unreachable = people.filter(({ reachedBy }) => reachedBy.length === 0);
      const problem =
        people.length === 0
          ? `nobody of ${wanted} is on call now`
          : unreachable.length > 0
            ? `${unreachable.map(({ name }) => name).join(", ")} can't be reached by anything`
            : undefined;
      return { severity, level, people, ...(problem !== undefined && { problem }) };
    }),
  );
}

export function contactsText(levels: readonly ContactLevel[]): string {
  const rows = levels.map(({ severity, level, people, problem }) => [
    problem === undefined ? "✔" : "✖",
    severity,
    level === 0 ? "-" : String(level),
    problem ?? people.map(({ name, reachedBy }) => `${name} (${reachedBy.join(", ")})`).join(", "),
  ]);
  const isBad = levels.some(({ problem }) => problem !== undefined);
  return [
    table(["", "Severity", "Level", "On call now"], rows),
    ...(isBad
      ? [
          "What to do: fill the gap in PagerDuty's schedule or the user's profile, then run this again.",
        ]
      : []),
  ].join("\n");
}
