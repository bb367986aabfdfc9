import type { NodeClient } from "../../aleo/node/client.ts";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { WatchedProgram } from "../../monitor/chain/observe.ts";
import type { Facts, Finding } from "../../monitor/rule/kind.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { type Environment, monitorSettings } from "../../monitor/settings.ts";
import type { Reading } from "../../monitor/store/probe-store.ts";
import type { Store } from "../../monitor/store/store.ts";
import { probeName, readProbe } from "../../monitor/watch/probe.ts";

/** What one rule of the network finds of one subject at this moment. */
export interface Judgement extends Finding {
  readonly rule: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly runbook: string | undefined;
  /** Why it could not be judged. */
  readonly problem: string | undefined;
}

export interface JudgeOptions {
  readonly programs: readonly WatchedProgram[];
  /** The monitor's, where there is one: it knows since when a value is as it is. */
  readonly store: Store | undefined;
}

/** Kinds that judge what looks at the endpoints found over some time, and the backups: reports show both by themselves. */
const leftOut = new Set([
  "response-time",
  "height-stalled",
  "endpoint-disagreement",
  "monitor-lag",
  "backup-age",
  "restore-age",
]);

/**
 * Judges the network by its own rules, by values that are read from its nodes now: whether a monitor
 * runs or not. Rules over blocks are left to the monitor.
 * @throws RuleFileError for rules that can't be used
 */
export async function judgeNow(
  node: NodeClient,
  environment: Environment,
  { programs, store }: JudgeOptions,
): Promise<Judgement[]> {
  const { network } = node;
  const rules = readRules(monitorSettings(network, environment).rulesFile).filter(
    ({ cause, kind }) => cause === "looks" && !leftOut.has(kind),
  );
  const now = Date.now();
  const height = await node.latestHeight();
  const readings = new Map<string, Reading>();
  const problems = new Map<string, string>();
  const facts: Facts = {
    ...{ network, now, programs, looks: [], strangers: [], head: height },
    cursor: { height, hash: "", time: now },
    chain: store?.chain ?? emptyChain,
    answerTimes: () => [],
    reading: (name) => readings.get(name),
    accepted: (name) => store?.probes.fact(`accepted:${name}`),
  };
  const sources = { node, backups: undefined };
  // What a program's reading names, such as its owner's account, is read in the second turn.
  for (let turn = 0; turn < 2; turn += 1) {
    const probes = rules.flatMap((rule) => rule.probes(facts));
    const wanted = new Map(probes.map((probe) => [probeName(probe), probe]));
    for (const name of [...readings.keys(), ...problems.keys()]) wanted.delete(name);
    await Promise.all(
      [...wanted].map(async ([name, probe]) => {
        try {
          const value = await readProbe(sources, probe, new AbortController().signal);
          readings.set(name, {
            value,
            height,
            readAt: now,
            problem: undefined,
            ...since(name, value),
          });
        } catch (error) {
          problems.set(name, error instanceof Error ? error.message : String(error));
        }
      }),
    );
  }
  return rules.flatMap((rule) => {
    const failed = rule.probes(facts).flatMap((probe) => problems.get(probeName(probe)) ?? []);
    const { id, kind, severity, runbook } = rule;
    return rule.evaluate(facts).map((finding) => ({
      ...finding,
      ...{ rule: id, kind, severity, runbook },
      problem: finding.verdict === "unknown" ? failed[0] : undefined,
    }));
  });

  /** Since when a value is as it is: as the monitor knows, else since now. */
  function since(name: string, value: string | undefined): { changedAt: number } {
    const known = store?.probes.get(name);
    return { changedAt: known !== undefined && known.value === value ? known.changedAt : now };
  }
}

const emptyChain: Facts["chain"] = {
  calls: () => ({ accepted: 0, rejected: 0 }),
  callsOf: () => new Map(),
  busiestPayer: () => undefined,
  newPayers: () => 0,
  flows: () => ({ creditsIn: 0, creditsOut: 0 }),
  fees: () => ({ mean: 0, calls: 0 }),
  firstTime: () => undefined,
};
