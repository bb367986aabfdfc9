import type { ProgramLibrary } from "../../aleo/replay/library.ts";
import type { Rejection } from "../../aleo/replay/replay.ts";
import { snapshotByReplay } from "../../aleo/snapshot/replayed.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { type Cause, causeOf } from "./causes.ts";
import { type ReplaySources, replayStart } from "./replay-base.ts";
import { traceOf } from "./trace.ts";

/** Where the finalize of a rejected transaction stopped, and what that means. */
export interface ExplainedRejection {
  /** `program.aleo/function` */
  readonly called: string;
  /** Null where it depends on state that is not followed. */
  readonly stoppedAt: StoppedAt | null;
  /** The state that it depends on, where that is not followed. */
  readonly dependsOn: readonly string[];
  readonly cause: string | null;
  readonly remedy: string;
}

export interface StoppedAt {
  readonly program: string;
  readonly edition: number;
  readonly function: string;
  readonly line: number;
  readonly statement: string;
  readonly operands: readonly string[];
  readonly reason: string;
}

/** Gives a rejection its likely cause. */
export async function explained(
  library: ProgramLibrary,
  { height, called, failure, dependsOn }: Rejection,
): Promise<ExplainedRejection> {
  if (failure === undefined) {
    return {
      ...{ called, stoppedAt: null, dependsOn, cause: null },
      remedy: `It depends on ${dependsOn.join(", ") || "state that is not followed"}, so the statement is not known.`,
    };
  }
  const { place, reason, operands } = failure;
  const edition = await library.editionAt(place.program, height);
  const program = edition === undefined ? undefined : parseProgram(edition.source);
  const trace = program && traceOf(program, place.function, place.line);
  const known: Cause | undefined = trace && causeOf(trace, place.function);
  return {
    ...{ called, dependsOn },
    stoppedAt: { ...place, operands, reason },
    cause: known?.cause ?? null,
    remedy: known?.remedy ?? "Compare the operands with what the statement demands.",
  };
}

/** What a whole history would take too long for, where nobody waits on purpose. */
const mostBlocks = 20_000;

/** Why rejected transactions of one program were, as far as that can be told. */
export interface Explanations {
  /** By the id that stands in the block. */
  readonly byId: ReadonlyMap<string, ExplainedRejection>;
  /** Why some or all of them can't be explained. */
  readonly gap: string | undefined;
}

/**
 * Replays a program up to the last of its rejected transactions, once for all of them: from a backup
 * before the first one where that is shorter, else from its deployment.
 */
export async function explainAll(
  sources: ReplaySources,
  program: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<Explanations> {
  const { node, library } = sources;
  const start = await replayStart(sources, program, first);
  if (start === undefined || last - start.from > mostBlocks) {
    return {
      byId: new Map(),
      gap:
        start === undefined
          ? `${program} is not deployed`
          : `${last - start.from} blocks would have to be replayed: \`aleo-ops transaction ID\` does it for one`,
    };
  }
  try {
    const { base } = start;
    const { rejections } = await snapshotByReplay(node, program, { height: last, base });
    const byId = new Map<string, ExplainedRejection>();
    for (const rejection of rejections) {
      byId.set(rejection.feeTransactionId, await explained(library, rejection));
    }
    return { byId, gap: undefined };
  } catch (error) {
    return { byId: new Map(), gap: error instanceof Error ? error.message : String(error) };
  }
}

/** The statement with its operands, for people. */
export function stoppedText({ program, edition, line, ...stopped }: StoppedAt): string {
  const { statement, operands, function: name } = stopped;
  const values = operands.length === 0 ? "" : ` (${operands.join(", ")})`;
  return `${program} edition ${edition}, ${name}, line ${line}: ${statement}${values}`;
}
