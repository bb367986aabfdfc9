import { join } from "node:path";
import { given } from "../../aleo/environment.ts";
import { pagerDuty } from "../../monitor/deliver/pagerduty.ts";
import type { Settings } from "../../settings.ts";
import { emergencyAlert } from "../emergency/alert.ts";
import { emergencySnapshot } from "../emergency/snapshot.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { pausePrograms } from "../pause/pause.ts";
import { plural } from "../text.ts";
import { DrillError } from "./drill-error.ts";
import { startPageReceiver } from "./page-receiver.ts";
import { recover, type Recovery } from "./recover.ts";
import { callAs, must, setStage } from "./stage.ts";
import { allowed, type Step, Timeline, timelineText } from "./timeline.ts";

export interface DrillReport {
  /** Microcredits that the exploit took, as a decimal string. */
  readonly taken: string;
  readonly steps: readonly Step[];
  readonly recovery: Recovery;
}

export interface DrillOptions {
  /** The compiled text of agent_registry_v3.aleo. */
  readonly registry: string;
  /** How many agents the registry has. */
  readonly agents: number;
  readonly environment: NodeJS.ProcessEnv;
}

/** As many entries are spoilt. */
const planted = 3;

/**
 * Plays an exploit on a ledger of its own (credits are taken, entries spoilt), and goes through what
 * runbooks/disaster-recovery.md says, each step timed: snapshot, alert, pause, clean slate, restore
 * to the block before, verify, unpause. Nobody is paged.
 * @throws DrillError where a step does not work
 */
export async function drillDisaster(
  settings: Settings,
  { registry, agents, environment }: DrillOptions,
  show: (text: string) => void,
): Promise<DrillReport> {
  const timeline = new Timeline(show);
  const stage = await setStage(settings, registry, agents, environment, show);
  const pages = await startPageReceiver(given(environment, "PAGERDUTY_EVENTS_URL"));
  try {
    const { chain, account, attacker, program, store } = stage;
    const { node } = chain;
    const taken = (BigInt(agents) * 1_000_000n) / 2n;
    timeline.begin();
    show("the exploit: credits are taken, stakes are written");
    const exploitedAt = await callAs(attacker, program, {
      functionName: "drain",
      inputs: [`${taken}u64`],
    });
    for (let agent = 1; agent <= planted; agent += 1) {
      await callAs(attacker, program, {
        functionName: "plant",
        inputs: [`${agent}field`, "900000000000u64"],
      });
    }
    timeline.note("(the exploit itself)", allowed.stopTheLoss, performance.now());
    const declared = { ...account.settings, programs: [{ program }] };
    await timeline.step("emergency snapshot", allowed.stopTheLoss, async () => {
      const options = {
        ...{ store, folder: join(chain.directory, "emergency"), blocks: 100 },
        ...{ account: await account.builder.signer(), rules: undefined, missing: [] },
      };
      const { problems } = await emergencySnapshot(declared, node, options, show);
      if (problems.length > 0) throw new DrillError(problems.join("; "), { remedy: "Run again." });
    });
    await timeline.step("alert: the page has arrived", allowed.stopTheLoss, async () => {
      const critical = given(environment, "PAGERDUTY_KEY_CRITICAL") ?? "0".repeat(32);
      const text = `DRILL, nothing is wrong: exploit of ${program}`;
      const { network } = node;
      const alert = { network, text, severity: "critical", height: exploitedAt } as const;
      const { routes } = await emergencyAlert([pagerDuty(pages.url, { critical })], alert);
      const problem = routes.find(({ reached }) => !reached)?.problem;
      if (problem !== undefined) {
        throw new DrillError(`The page did not arrive: ${problem}.`, {
          remedy: "See whether PAGERDUTY_EVENTS_URL is right, or leave it out.",
        });
      }
      await pages.first(/^DRILL/);
    });
    await timeline.step("pause", allowed.stopTheLoss, async () => {
      must(await pausePrograms(account, [program], true));
    });
    const recovery = await recover(stage, exploitedAt, timeline, show);
    return { taken: taken.toString(), steps: timeline.steps, recovery };
  } finally {
    await pages.close();
    await stage.close();
  }
}

export function codeOf({ steps, recovery }: DrillReport): ExitCode {
  const isLate = steps.some(({ doneAtMs, allowedMs }) => doneAtMs > allowedMs);
  return isLate || recovery.differences.length > 0 ? exitCode.verificationFailed : exitCode.ok;
}

export function drillText({ steps, recovery }: DrillReport): string {
  const { program, height, compared, differences } = recovery;
  const entries = plural(compared, "entry", "entries");
  return [
    timelineText(steps),
    differences.length === 0
      ? `✔ ${program} runs with the state after block ${height}, before the exploit: ${entries} compared, all as they were.`
      : `✖ ${differences.length} of ${entries} of ${program} are not as they were before the exploit.`,
    "Done by a machine that knew what to do: people need their time besides.",
  ].join("\n");
}
