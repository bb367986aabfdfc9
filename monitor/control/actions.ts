import { z } from "zod";
import type { Network } from "../../aleo/network.ts";
import { nearest } from "../../aleo/program/id.ts";
import { severities } from "../alert/severity.ts";
import type { Route } from "../deliver/route.ts";
import { testRoutes } from "../deliver/test-routes.ts";
import { ControlError } from "../errors.ts";
import type { Rule } from "../rule/rule-file.ts";
import type { Alert } from "../store/alert-store.ts";
import type { Store } from "../store/store.ts";
import { summarize } from "../summary.ts";
import { probeName } from "../watch/probe.ts";
import { weekMs, weekOf } from "../week.ts";
import { waysOf } from "./ways.ts";

/** A monitor as it is worked on: the one that runs, or its database alone. */
export interface Desk {
  readonly network: Network;
  readonly store: Store;
  /** In ms since 1970. */
  readonly now: () => number;
  /** The rules as they are in their file now. */
  readonly rules: () => readonly Rule[];
  /** The ways to the people. Throws MonitorSettingError for one that is not set as it should be. */
  readonly routes: () => readonly Route[];
}

export interface Action<Input, Result> {
  readonly input: z.ZodType<Input>;
  readonly changes: boolean;
  /** Whether it means something without a monitor's database. */
  readonly needsNoMonitor?: true;
  /** All times of input and result are ms. Throws ControlError for what can't be done. */
  readonly run: (desk: Desk, input: Input) => Result | Promise<Result>;
}

const look = <Input, Result>(
  input: z.ZodType<Input>,
  run: (desk: Desk, input: Input) => Result,
): Action<Input, Result> => ({ input, changes: false, run });
const change = <Input, Result>(
  input: z.ZodType<Input>,
  run: (desk: Desk, input: Input) => Result,
): Action<Input, Result> => ({
  ...{ input, changes: true },
  run: (desk, given) => desk.store.database.atomically(() => run(desk, given)),
});

const nothing = z.object({});
const id = z.int().positive();
const text = z.string().trim().min(1).max(200);
const lastMs = z.number().positive().max(1e12);

/** By which the silences of a maintenance are known again. */
const maintenance = "maintenance: ";

/** What can be asked of a monitor and changed in it, over HTTP and in its database alike. */
export const actions = {
  summary: look(z.object({ lastMs }), ({ store, network, now }, { lastMs: last }) => {
    const to = now();
    return summarize(store, network, to - last, to);
  }),

  /** The last 7 days and the 7 before, and since when the monitor has watched. */
  weeks: look(nothing, ({ store, now }) => {
    const to = now();
    const from = to - weekMs;
    return {
      week: weekOf(store, { from, to }),
      before: weekOf(store, { from: from - weekMs, to: from }),
      watchedSince: store.chain.firstTime(),
    };
  }),

  "open-alerts": look(nothing, ({ store }) => store.alerts.open()),

  silences: look(nothing, ({ store, now }) => store.alerts.silences(now())),

  acknowledge: change(z.object({ id, by: text }), ({ store, now }, given): Alert | undefined => {
    const { alerts } = store;
    if (!alerts.acknowledge(given.id, given.by)) {
      const alert = alerts.get(given.id);
      const state = alert === undefined ? "There is no such alert" : `It is ${alert.status}`;
      throw new ControlError(`Alert ${given.id} can't be acknowledged. ${state}.`, {
        remedy: "`aleo-ops alerts list` shows what is open.",
      });
    }
    alerts.record(given.id, now(), "acknowledged", given.by);
    return alerts.get(given.id);
  }),

  silence: change(
    z.object({ rule: text, subject: text.optional(), reason: text, lastMs }),
    ({ store, now, rules }, { rule, subject, reason, lastMs: last }) => {
      const { id: known } = ruleNamed(rule, rules());
      const endsAt = now() + last;
      return { id: store.alerts.silence({ rule: known, subject, reason, endsAt }, now()), endsAt };
    },
  ),

  unsilence: change(z.object({ id }), ({ store, now }, given) => {
    if (store.alerts.endSilence(given.id, now())) return { id: given.id };
    throw new ControlError(`There is no silence ${given.id} that still holds.`, {
      remedy: "`aleo-ops alerts silences` shows those that do.",
    });
  }),

  /** Silences the rules of these severities; leaves a maintenance that is on as it is. */
  "start-maintenance": change(
    z.object({ severities: z.array(z.enum(severities)), reason: text, lastMs }),
    ({ store, now, rules }, { severities: quiet, reason, lastMs: last }) => {
      const { alerts } = store;
      const held = alerts.silences(now()).find((one) => one.reason.startsWith(maintenance));
      if (held !== undefined) return { isNew: false, rules: 0, endsAt: held.endsAt };
      const silent = rules().filter(({ severity }) => quiet.includes(severity));
      const endsAt = now() + last;
      for (const { id: rule } of silent) {
        const entry = { rule, subject: undefined, reason: `${maintenance}${reason}`, endsAt };
        alerts.silence(entry, now());
      }
      return { isNew: true, rules: silent.length, endsAt };
    },
  ),

  "end-maintenance": change(nothing, ({ store, now }) => {
    const { alerts } = store;
    const held = alerts.silences(now()).filter(({ reason }) => reason.startsWith(maintenance));
    for (const one of held) alerts.endSilence(one.id, now());
    return { rules: held.length };
  }),

  /** Sends a test of a rule through every route, and keeps what became of it. */
  test: {
    input: z.object({ rule: text }),
    changes: true,
    needsNoMonitor: true,
    run: async ({ network, store, now, rules, routes }: Desk, given: { rule: string }) => {
      const rule = ruleNamed(given.rule, rules());
      const all = routes();
      if (all.length === 0) {
        throw new ControlError("No receiver is set, so nobody can be told.", {
          remedy:
            "Set PAGERDUTY_KEY_CRITICAL … _LOW, ALERT_WEBHOOK, ALERT_WEBHOOK_URL or SMTP_URL.",
        });
      }
      const time = now();
      const notices = await testRoutes(all, network, rule, time);
      store.database.atomically(() => {
        // The last one of a route tells: after a failure nothing more was sent.
        for (const { route, outcome, problem } of notices) {
          if (outcome === "not sent") continue;
          store.outbox.tested({ route, severity: rule.severity, time, outcome, problem });
        }
      });
      return { notices, isKept: !store.database.isInMemory };
    },
  },

  /** How each severity is told to people, and when each way was last seen to work. */
  ways: {
    input: nothing,
    changes: false,
    needsNoMonitor: true,
    run: ({ store, rules, routes }: Desk) => {
      const all = routes();
      return {
        told: severities.map((severity) => ({
          severity,
          to: all.filter((route) => route.takes(severity)).map(({ name }) => name),
        })),
        ways: waysOf(all, store, rules()),
        isKept: !store.database.isInMemory,
      };
    },
  },

  /** Takes a program, or the consensus version, for right as it was last read. */
  accept: change(z.object({ subject: text }), ({ store, network }, { subject }) => {
    const { probes } = store;
    const name = probeName(
      subject === "consensus-version"
        ? { kind: "consensus-version" }
        : { kind: "program", program: subject },
    );
    const found = probes.get(name)?.value;
    if (found === undefined) {
      throw new ControlError(`The monitor of ${network} has not seen ${subject}.`, {
        remedy: "Check its id, and that a rule of the kind program-changed looks at it.",
      });
    }
    probes.setFact(`accepted:${name}`, found);
    return { found };
  }),
};

export type ActionName = keyof typeof actions;
export type InputOf<Name extends ActionName> = z.output<(typeof actions)[Name]["input"]>;
export type ResultOf<Name extends ActionName> = Awaited<ReturnType<(typeof actions)[Name]["run"]>>;

/** @throws ControlError for a rule that is not in the file, with the one that may be meant */
function ruleNamed(id: string, rules: readonly Rule[]): Rule {
  const rule = rules.find((one) => one.id === id);
  if (rule !== undefined) return rule;
  const known = rules.map((one) => one.id);
  const meant = nearest(id, known);
  throw new ControlError(`There is no rule "${id}".`, {
    remedy: `${meant === undefined ? "" : `Did you mean ${meant}? `}The rules are: ${known.join(", ")}.`,
  });
}
