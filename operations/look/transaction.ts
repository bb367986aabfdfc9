import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { NodeRefusedError } from "../../aleo/node/errors.ts";
import { nodeLibrary } from "../../aleo/replay/library.ts";
import type { ReplayedBlock } from "../../aleo/replay/replay.ts";
import { explainRejection } from "../../aleo/snapshot/rejection.ts";
import { lookUp } from "../../aleo/transaction/outcome.ts";
import type { Environment, Settings } from "../../settings.ts";
import { formatMoment } from "../text.ts";
import { elsewhere } from "./elsewhere.ts";
import { type ReplaySources, replayStart } from "./replay-base.ts";
import { type ExplainedRejection, explained, stoppedText } from "./rejections.ts";

class TransactionMissingError extends AleoError {}

/** What became of a transaction. */
export interface TransactionStatus {
  /** The id under which it was sent. */
  readonly id: string;
  readonly network: string;
  readonly status: "accepted" | "rejected" | "aborted";
  readonly type: string | null;
  /** `program.aleo/function`, the one that was called; the program of a deployment. */
  readonly called: string | null;
  readonly height: number | null;
  /** ISO 8601. */
  readonly time: string | null;
  /** Microcredits as a decimal string; null where nothing was paid or it is not known. */
  readonly fee: string | null;
  /** Of a rejected one: the id that stands in the block. */
  readonly feeTransaction: string | null;
  readonly rejection: ExplainedRejection | null;
  /** Why a rejection could not be explained. */
  readonly problem: string | null;
}

/**
 * @param show is told how far the replay is that explains a rejection
 * @throws TransactionMissingError for an id that is none, or is in no block
 */
export async function transactionStatus(
  settings: Pick<Settings, "network" | "backups">,
  node: NodeClient,
  environment: Environment,
  id: string,
  show: (text: string) => void = () => undefined,
): Promise<TransactionStatus> {
  if (!/^at1[a-z0-9]{58}$/.test(id)) {
    throw new TransactionMissingError(`${JSON.stringify(id)} is no id of a transaction.`, {
      remedy:
        "An id begins with at1 and has 61 characters: `aleo-ops activity PROGRAM` shows them.",
    });
  }
  const outcome = await lookUp(node, id).catch((error: unknown) => {
    if (!(error instanceof NodeRefusedError)) throw error;
    throw new TransactionMissingError(`${id} is no id of a transaction: its checksum is wrong.`, {
      remedy: "Copy it again, whole: a character is missing or mistyped.",
      cause: error,
    });
  });
  if (outcome.status === "unseen") throw await unseen(settings, node, id);
  const nothing = { type: null, called: null, fee: null, feeTransaction: null };
  if (outcome.status === "aborted") {
    const { height } = outcome;
    return {
      ...{ id, network: node.network, status: "aborted", height, ...nothing },
      time: await timeOf(node, height),
      ...{ rejection: null, problem: null },
    };
  }
  const { confirmed, status } = outcome;
  const { blockHeight: height, fee, feeTransactionId } = confirmed;
  const called = calledIn(confirmed.raw);
  const sources = { settings, environment, node, library: nodeLibrary(node) };
  const told =
    status === "rejected" && height !== undefined
      ? await explain(sources, confirmed.id, { called, height }, show)
      : nothingToTell;
  return {
    ...{ id: confirmed.id, network: node.network, status, type: confirmed.type },
    called: called ?? told.rejection?.called ?? null,
    height: height ?? null,
    time: height === undefined ? null : await timeOf(node, height),
    fee: fee?.toString() ?? null,
    feeTransaction: feeTransactionId ?? null,
    ...told,
  };
}

const nothingToTell = { rejection: null, problem: null };

async function explain(
  sources: ReplaySources,
  id: string,
  { called, height: before }: { readonly called: string | undefined; readonly height: number },
  show: (text: string) => void,
): Promise<{ rejection: ExplainedRejection | null; problem: string | null }> {
  const onBlock = ({ height }: ReplayedBlock, last: number) => {
    show(`Replaying block ${height} of ${last} to find why it was rejected`);
  };
  try {
    const { node, library } = sources;
    const program = called?.split("/")[0];
    const start = program === undefined ? undefined : await replayStart(sources, program, before);
    const rejection = await explainRejection(node, id, { onBlock, base: start?.base ?? [] });
    return rejection === undefined
      ? { rejection: null, problem: "it calls no program besides credits.aleo" }
      : { rejection: await explained(library, rejection), problem: null };
  } catch (error) {
    return { rejection: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

interface Calls {
  readonly execution?: { readonly transitions?: readonly Called[] };
  readonly deployment?: { readonly program?: string };
}

interface Called {
  readonly program: string;
  readonly function: string;
}

function calledIn(entry: unknown): string | undefined {
  const { transaction, rejected } = entry as { transaction: Calls; rejected?: Calls };
  const subject = rejected ?? transaction;
  const root = subject.execution?.transitions?.at(-1);
  if (root !== undefined) return `${root.program}/${root.function}`;
  return /^program ([a-z][a-z0-9_]*\.aleo);/m.exec(subject.deployment?.program ?? "")?.[1];
}

async function timeOf(node: NodeClient, height: number): Promise<string | null> {
  const block = await node.block(height);
  return block === undefined
    ? null
    : new Date(block.header.metadata.timestamp * 1_000).toISOString();
}

async function unseen(
  settings: Pick<Settings, "network">,
  node: NodeClient,
  id: string,
): Promise<TransactionMissingError> {
  const { network } = settings;
  const waits = await node.unconfirmedTransaction(id);
  if (waits === true) {
    return new TransactionMissingError(`${id} waits in a node's memory pool on ${network}.`, {
      remedy: "Look again after 2 or 3 blocks. Send nothing in its place before it is known.",
    });
  }
  const others = await elsewhere(network, async (other) => {
    return (await other.blockOfTransaction(id)) !== undefined;
  });
  return new TransactionMissingError(`${id} is in no block of ${network}.`, {
    remedy:
      others.length > 0
        ? `It is on ${others.join(" and ")}: add --network ${others[0] ?? ""}.`
        : "If it was sent within the last minutes, look again after 2 or 3 blocks: until then it may still land, so send nothing in its place.",
  });
}

export function transactionText(found: TransactionStatus): string {
  const { id, network, status, type, called, height, time, fee, rejection, problem } = found;
  const lines = [
    `${id} on ${network}: ${status.toUpperCase()}`,
    `  called       ${called ?? "–"}${type === "deploy" ? " (a deployment)" : ""}`,
    `  block        ${height ?? "–"}${time === null ? "" : `, ${formatMoment(time)}`}`,
  ];
  if (status === "aborted") {
    return [
      ...lines,
      "  fee          nothing was paid and nothing happened",
      "  What to do: send it again, built anew: it met another transaction that took the same input.",
    ].join("\n");
  }
  lines.push(
    `  fee          ${fee === null ? "not known" : formatCredits(BigInt(fee))}${status === "rejected" ? ", spent all the same" : ""}`,
  );
  if (status === "accepted") return lines.join("\n");
  lines.push(`  in the block as ${found.feeTransaction ?? "–"}, which is its fee`);
  if (rejection === null) {
    return [...lines, `  Why it was rejected can't be told: ${problem ?? "not known"}.`].join("\n");
  }
  const { stoppedAt, cause, remedy } = rejection;
  return [
    ...lines,
    ...(stoppedAt === null ? [] : [`  stopped at   ${stoppedText(stoppedAt)}`]),
    ...(stoppedAt === null ? [] : [`  because      ${stoppedAt.reason}`]),
    ...(cause === null ? [] : [`  likely cause ${cause}`]),
    `  What to do: ${remedy}`,
  ].join("\n");
}
