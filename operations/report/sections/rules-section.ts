import { ledgerOf } from "../../../aleo/network.ts";
import type { NodeClient } from "../../../aleo/node/client.ts";
import { loadCrypto } from "../../../aleo/replay/crypto.ts";
import type { Environment, Settings } from "../../../settings.ts";
import { shortened } from "../../look/short.ts";
import { monitorSource, type TransactionSource } from "../../look/transaction-source.ts";
import { type Judgement, judgeNow } from "../judge-now.ts";
import { type Line, type Section, unseen, unseenFor } from "../report.ts";

/** Kinds that compare with what a monitor has kept: without one they find nothing. */
const needMonitor = new Set(["program-changed", "consensus-version", "withdrawals-waiting"]);

/** What the network's rules say of it now: balances, solvency, pauses, owners. */
export async function rulesSection(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  environment: Environment,
): Promise<Section> {
  const title = "Balances, solvency and programs, by the rules of the monitor";
  const ids = settings.programs.map(({ program }) => program);
  let monitor: TransactionSource | undefined;
  try {
    monitor = monitorSource(settings.network, environment, ids, 0);
    const programs = monitor?.programs ?? (await withAddresses(node, ids));
    const found = await judgeNow(node, environment, { programs, store: monitor?.store });
    const isAlone = monitor === undefined;
    const isBlind = ({ kind, verdict }: Judgement) =>
      isAlone && verdict !== "bad" && needMonitor.has(kind);
    const blind = [...new Set(found.filter(isBlind).map(({ rule }) => rule))];
    return {
      title,
      lines: [...found.filter((one) => !isBlind(one)).map(lineOf), ...blind.map(blindLine)],
    };
  } catch (error) {
    return { title, lines: [unseenFor("rules", error)] };
  } finally {
    monitor?.close();
  }
}

async function withAddresses(node: NodeClient, ids: readonly string[]) {
  const crypto = await loadCrypto(ledgerOf(node.network));
  return ids.map((id) => ({ id, address: crypto.programAddress(id) }));
}

function blindLine(rule: string): Line {
  return unseen(
    rule,
    "it compares with what a monitor has kept, and there is no monitor's database",
    "Run it where the monitor runs, or name its database in MONITOR_DATABASE.",
  );
}

function lineOf({ rule, kind, ...found }: Judgement): Line {
  const { verdict, value, summary, severity, runbook, problem } = found;
  const subject = `${rule} ${shortened(found.subject)}`;
  if (verdict === "bad") {
    return {
      subject,
      verdict: severity === "low" ? "notice" : "bad",
      finding: `${severity}: ${summary}`,
      ...(runbook === undefined ? {} : { remedy: `See ${runbook}.` }),
    };
  }
  return verdict === "unknown"
    ? unseen(subject, problem ?? "its value is not known", "Run it again, or ask another node.")
    : { subject, verdict: "good", finding: kind === "solvency" ? "holds what it owes" : value };
}
