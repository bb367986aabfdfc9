import { formatCredits } from "../../../aleo/network.ts";
import type { NodeClient } from "../../../aleo/node/client.ts";
import type { Environment, Settings } from "../../../settings.ts";
import { monitorSource } from "../../look/transaction-source.ts";
import { formatMoment, plural } from "../../text.ts";
import { checkWithdrawals, type WithdrawalCheck } from "../../withdrawals/check.ts";
import { programsWithQueue } from "../../withdrawals/queue.ts";
import { type Line, type Section, unseenFor } from "../report.ts";

/** Blocks in which the oldest request is looked for: about ten minutes of a public network. */
const lookBack = 200;

/** What waits to be paid, and whether the programs can pay. */
export async function withdrawalsSection(
  { network, programs }: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  environment: Environment,
): Promise<Section> {
  const title = "Withdrawals";
  try {
    const ids = programs.map(({ program }) => program);
    const withQueue = await programsWithQueue(node, ids);
    const addresses = knownAddresses(network, environment, ids);
    const checks = await Promise.all(
      withQueue.map((program) => checkWithdrawals(node, program, lookBack, addresses.get(program))),
    );
    return { title, lines: checks.length === 0 ? [none] : checks.map(lineOf) };
  } catch (error) {
    return { title, lines: [unseenFor("withdrawals", error)] };
  }
}

/** The addresses that a monitor has computed; none where its database is not here or can't be used. */
function knownAddresses(
  network: Settings["network"],
  environment: Environment,
  programs: readonly string[],
): ReadonlyMap<string, string> {
  try {
    const source = monitorSource(network, environment, programs, 0);
    source?.close();
    return new Map(source?.programs.map(({ id, address }) => [id, address]));
  } catch {
    return new Map();
  }
}

const none: Line = {
  subject: "withdrawals",
  verdict: "good",
  finding: "no program of the stack has a queue",
};

function lineOf(check: WithdrawalCheck): Line {
  const { program: subject, pending, queued, owed, held, paused, solvent, oldest } = check;
  const [debt, funds] = [BigInt(owed), BigInt(held)];
  if (!solvent) {
    return {
      subject,
      verdict: "bad",
      finding: `${formatCredits(debt - funds)} are missing: it holds ${formatCredits(funds)} and owes ${formatCredits(debt)}`,
      remedy: "Process nothing; pause it and find out where they went.",
    };
  }
  if (pending === 0) return { subject, verdict: "good", finding: "none waits" };
  const since =
    oldest === null
      ? ""
      : `, the oldest since ${oldest.height === null ? "before " : ""}${formatMoment(oldest.time)}`;
  return {
    subject,
    verdict: "notice",
    finding: `${plural(pending, "withdrawal")} of ${formatCredits(BigInt(queued))} ${pending === 1 ? "waits" : "together wait"}${since}`,
    remedy: paused
      ? "It is paused: nothing is paid until it is unpaused."
      : `Pay them: \`aleo-ops withdrawals process --contract ${subject}\`.`,
  };
}
