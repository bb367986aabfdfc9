import { setTimeout as sleep } from "node:timers/promises";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import type { DependenciesReport } from "../dependencies/dependencies.ts";
import { plural } from "../text.ts";
import { type Line, type Section, unseen, unseenFor } from "../report/report.ts";

const patienceMs = 4_000;
const how = "Take the time for it: `aleo-ops dependencies`.";

/** What the project stands on, as far as it can be asked in a few seconds. */
export async function dependenciesSection(
  settings: Pick<Settings, "network">,
  node: NodeClient,
): Promise<Section> {
  const title = "Dependencies";
  const ended = new AbortController();
  try {
    const { dependencies } = await import("../dependencies/dependencies.ts");
    const found = await Promise.race([
      dependencies(process.cwd(), settings, node, ended.signal),
      sleep(patienceMs, undefined, { signal: ended.signal }),
    ]);
    return {
      title,
      lines:
        found === undefined
          ? [unseen("packages", `the registry took more than ${patienceMs / 1_000} s`, how)]
          : linesOf(found),
    };
  } catch (error) {
    return { title, lines: [unseenFor("packages", error)] };
  } finally {
    ended.abort();
  }
}

function linesOf({ vulnerable, outdated, sdk }: DependenciesReport): Line[] {
  const lines: Line[] = [];
  if ("problem" in vulnerable) lines.push(unseen("faults", vulnerable.problem, how));
  else if (vulnerable.answer.length === 0) {
    lines.push({ subject: "faults", verdict: "good", finding: "none is known" });
  } else {
    lines.push(
      ...vulnerable.answer.map(({ severity, what, remedy }): Line => {
        const isGrave = severity === "critical" || severity === "high";
        return { subject: "faults", verdict: isGrave ? "bad" : "notice", finding: what, remedy };
      }),
    );
  }
  if ("problem" in outdated) lines.push(unseen("packages", outdated.problem, how));
  else {
    const count = outdated.answer.length;
    lines.push({
      subject: "packages",
      verdict: count === 0 ? "good" : "notice",
      finding: count === 0 ? "all are the newest" : `${plural(count, "package")} behind the newest`,
      ...(count === 0 ? {} : { remedy: "`aleo-ops dependencies` names them." }),
    });
  }
  if ("problem" in sdk.network) lines.push(unseen("SDK", sdk.network.problem, how));
  else {
    const isBehind = sdk.network.answer > sdk.knows;
    lines.push({
      subject: "SDK",
      verdict: isBehind ? "bad" : "good",
      finding: `knows consensus version ${sdk.knows}, the network is at ${sdk.network.answer}`,
      ...(isBehind ? { remedy: "Raise @provablehq/sdk before you send anything." } : {}),
    });
  }
  return lines;
}
