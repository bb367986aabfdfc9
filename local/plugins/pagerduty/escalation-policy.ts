import { z } from "zod";
import type { Properties } from "../server/resource-type.ts";
import { checkedBy, oneOf, orUnknown, text, withName } from "./checks.ts";
import { restType } from "./rest-type.ts";

interface Target {
  readonly id: string;
  readonly type?: string;
}

interface Rule {
  readonly escalationDelayInMinutes: number;
  readonly targets: readonly Target[];
}

interface Inputs extends Properties {
  readonly name: string;
  readonly description?: string;
  readonly numLoops?: number;
  readonly teams?: string;
  readonly rules: readonly Rule[];
}

interface Document {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly num_loops: number;
  readonly teams: readonly { readonly id: string }[];
  readonly escalation_rules: readonly {
    readonly escalation_delay_in_minutes: number;
    readonly targets: readonly Required<Target>[];
  }[];
}

const whole = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return orUnknown(z.number(message).int(message).min(least, message).max(most, message));
};

const target = z.strictObject({
  id: text,
  type: oneOf("user_reference", "schedule_reference").optional(),
});

const rule = z.strictObject({
  escalationDelayInMinutes: whole(1, 30_240),
  targets: orUnknown(z.array(orUnknown(target)).min(1, "must name somebody")),
});

const schema = z.strictObject({
  name: text,
  description: orUnknown(z.string()).optional(),
  numLoops: whole(0, 9).optional(),
  teams: text.optional(),
  rules: orUnknown(z.array(orUnknown(rule)).min(1, "must have a rule")),
});

const path = "/escalation_policies";

export const escalationPolicy = restType<Inputs, Document>({
  token: "pagerduty:index/escalationPolicy:EscalationPolicy",
  wrapper: "escalation_policy",

  check: (inputs, context) => checkedBy(schema, withName(inputs, context)),

  collectionOf: () => path,

  list: async (client, { name }, signal) => {
    const query = `limit=100&query=${encodeURIComponent(name)}`;
    const { escalation_policies } = await client.get<{ escalation_policies: Document[] }>(
      `${path}?${query}`,
      signal,
    );
    return escalation_policies;
  },

  documentOf: ({ name, description, numLoops, teams, rules }) => ({
    name,
    description: description ?? "",
    num_loops: numLoops ?? 0,
    teams: teams === undefined ? [] : [{ id: teams, type: "team_reference" }],
    escalation_rules: rules.map(({ escalationDelayInMinutes, targets }) => ({
      escalation_delay_in_minutes: escalationDelayInMinutes,
      targets: targets.map(({ id, type = byDefault }) => ({ id, type })),
    })),
  }),

  inputsOf: (document, known) => {
    const { name, description, num_loops, teams, escalation_rules } = document;
    const [team] = teams;
    return {
      name,
      ...((known.description !== undefined || description) && { description: description ?? "" }),
      ...((known.numLoops !== undefined || num_loops > 0) && { numLoops: num_loops }),
      ...(team !== undefined && { teams: team.id }),
      rules: escalation_rules.map(({ escalation_delay_in_minutes, targets }, level) => ({
        escalationDelayInMinutes: escalation_delay_in_minutes,
        targets: targetsLike(known.rules?.[level]?.targets ?? [], targets),
      })),
    };
  },

  outputsOf: () => ({}),
});

/** The provider's word for a target without a type. */
const byDefault = "user_reference";

/** In the order in which they are known, for PagerDuty has none; the type where it is known too. */
function targetsLike(known: readonly Target[], live: readonly Required<Target>[]): Target[] {
  const position = ({ id }: Target) => {
    const found = known.findIndex((one) => one.id === id);
    return found < 0 ? Infinity : found;
  };
  return live
    .toSorted((one, other) => Math.sign(position(one) - position(other) || 0))
    .map(({ id, type }) => {
      const like = known.find((one) => one.id === id);
      return like !== undefined && like.type === undefined && type === byDefault
        ? { id }
        : { id, type };
    });
}
