import { formatCredits } from "../../../aleo/network.ts";
import type { NodeClient } from "../../../aleo/node/client.ts";
import type { Settings } from "../../../settings.ts";
import { plural } from "../../text.ts";
import { checkWithdrawals, type WithdrawalCheck } from "../../withdrawals/check.ts";
import { programsWithQueue } from "../../withdrawals/queue.ts";
import { type Line, type Section, unseenFor } from "../report.ts";

/** Blocks in which the oldest request is looked for: about ten minutes of a public network. */
const lookBack = 200;

/** What waits to be paid, and whether the programs can pay. */
export async function withdrawalsSection(
  { programs }: Pick<Settings, "programs">,
  node: NodeClient,
): Promise<Section> {
  const title = "Withdrawals";
  try {
    const ids = programs.map(({ program }) => program);
    const withQueue = await programsWithQueue(node, ids);
    const checks = await Promise.all(
      withQueue.map((program) => checkWithdrawals(node, program, lookBack)),
    );
    return { title, lines: checks.length === 0 ? [none] : checks.map(lineOf) };
  } catch (error) {
    return { title, lines: [unseenFor("withdrawals", error)] };
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
      : `, the oldest since ${oldest.height === null ? "before " : ""}${oldest.time}`;
  return {
    subject,
    verdict: "notice",
    finding: `${plural(pending, "withdrawal")} of ${formatCredits(BigInt(queued))} together wait${pending === 1 ? "s" : ""}${since}`,
    remedy: paused
      ? "It is paused: nothing is paid until it is unpaused."
      : `Pay them: \`aleo-ops withdrawals process --contract ${subject}\`.`,
  };
}
