import type { Network } from "../../aleo/network.ts";
import type { Facts, Finding } from "../rule/kind.ts";
import type { Rule } from "../rule/rule-file.ts";
import type { Alert, Silence } from "../store/alert-store.ts";
import type { Store } from "../store/store.ts";
import { dedupKey } from "./dedup-key.ts";
import { nextStep, type OpenState } from "./lifecycle.ts";
import { type Action, nextActions, type Notice } from "./notices.ts";
import type { Severity } from "./severity.ts";

/** Where notices go. */
export interface Receiver {
  readonly name: string;
  readonly takes: (severity: Severity) => boolean;
}

export interface JudgeOptions {
  readonly store: Store;
  readonly network: Network;
  readonly receivers: readonly Receiver[];
  /** What could not be evaluated, such as an expression over an entry of another type. */
  readonly failed: (rule: string, error: unknown) => void;
}

/** Turns what the rules find into alerts, and alerts into notices; all inside the caller's transaction. */
export class Judge {
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Evaluates these rules, and moves their alerts on. */
  judge(rules: readonly Rule[], facts: Facts): void {
    const { alerts } = this.#options.store;
    const open = new Map<string, Map<string, Alert>>();
    for (const alert of alerts.open()) {
      const ofRule = open.get(alert.rule) ?? new Map<string, Alert>();
      open.set(alert.rule, ofRule.set(alert.subject, alert));
    }
    for (const rule of rules) {
      const ofRule = open.get(rule.id) ?? new Map<string, Alert>();
      const findings = this.#evaluate(rule, facts);
      if (findings === undefined) continue;
      for (const finding of findings) {
        this.#step(rule, finding, ofRule.get(finding.subject), facts);
        ofRule.delete(finding.subject);
      }
      // What the rule looks at no more is no trouble any more.
      for (const [subject, alert] of ofRule) {
        this.#step(rule, { subject, verdict: "good", value: "", summary: "" }, alert, facts);
      }
    }
  }

  /** Ends the alerts of rules that are no more. */
  retire(rules: readonly Rule[], now: number): void {
    const { alerts } = this.#options.store;
    const known = new Set(rules.map(({ id }) => id));
    for (const alert of alerts.open()) {
      if (known.has(alert.rule)) continue;
      if (alert.status === "pending") alerts.drop(alert.id);
      else this.#resolve(alert, now, "the rule is no more");
    }
  }

  /** Puts into the outbox what is to be told of the alerts as they stand. */
  tell(now: number): void {
    const { store, network, receivers } = this.#options;
    const untold = store.alerts.untold();
    if (untold.length === 0) return;
    const silences = store.alerts.silences(now);
    for (const alert of untold) {
      const actions = nextActions(alert.status, alert.notified, isSilenced(alert, silences));
      for (const action of actions) {
        const notice = noticeOf(alert, action, network, now);
        for (const { name, takes } of receivers) {
          if (takes(alert.severity)) store.outbox.add(name, notice, now);
        }
        store.alerts.setNotified(alert.id, action);
      }
    }
  }

  #evaluate(rule: Rule, facts: Facts): Finding[] | undefined {
    try {
      return rule.evaluate(facts);
    } catch (error) {
      this.#options.failed(rule.id, error);
      return undefined;
    }
  }

  #step(rule: Rule, finding: Finding, alert: Alert | undefined, facts: Facts): void {
    const { alerts } = this.#options.store;
    const { now, cursor } = facts;
    const step = nextStep(openState(alert), finding.verdict, rule, now);
    switch (step.kind) {
      case "nothing":
        return;
      case "drop":
        if (alert !== undefined) alerts.drop(alert.id);
        return;
      case "resolve":
        if (alert !== undefined) this.#resolve(alert, now, finding.value);
        return;
      case "keep":
      case "fire": {
        const { subject, value, summary } = finding;
        const height = cursor?.height ?? 0;
        const id =
          alert?.id ??
          alerts.add({
            ...{ rule: rule.id, subject, severity: rule.severity, status: "pending" },
            ...{ since: step.state.since, height, summary, value, runbook: rule.runbook },
            dedupKey: undefined,
            firedAt: undefined,
          });
        if (step.kind === "keep") {
          alerts.keep(id, step.state);
          if (alert !== undefined && step.state.goodSince === undefined) {
            alerts.record(id, now, "came back", value);
          }
          return;
        }
        const key = dedupKey(this.#options.network, rule.id, subject, now);
        const { severity } = rule;
        alerts.fire(id, { dedupKey: key, firedAt: now, height, summary, value, severity });
        alerts.record(id, now, "fired", summary);
      }
    }
  }

  #resolve(alert: Alert, now: number, value: string): void {
    const { alerts } = this.#options.store;
    alerts.resolve(alert.id, now);
    alerts.record(alert.id, now, "resolved", value);
  }
}

function openState(alert: Alert | undefined): OpenState | undefined {
  if (alert === undefined || alert.status === "resolved") return undefined;
  const { status, since, goodSince, returns } = alert;
  return { status, since, goodSince, returns };
}

function isSilenced(alert: Alert, silences: readonly Silence[]): boolean {
  return silences.some(
    ({ rule, subject }) =>
      rule === alert.rule && (subject === undefined || subject === alert.subject),
  );
}

function noticeOf(alert: Alert, action: Action, network: Network, now: number): Notice {
  const { rule, subject, severity, summary, value, height, runbook, dedupKey: key = "" } = alert;
  const time = action === "trigger" ? alert.firedAt : action === "resolve" ? alert.resolvedAt : now;
  return {
    ...{ action, network, rule, subject, severity, summary, value, height, runbook },
    dedupKey: key,
    time: new Date(time ?? now).toISOString(),
    test: false,
  };
}
