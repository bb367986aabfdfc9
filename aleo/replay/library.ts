import { z } from "zod";
import { AleoError } from "../errors.ts";
import type { NodeClient } from "../node/client.ts";
import type { EditionSource } from "./program.ts";

/** Where a replay gets the source of programs that it did not see deployed. */
export interface ProgramLibrary {
  /** The edition in force after the block of this height; undefined where there was none yet. */
  editionAt(program: string, height: number): Promise<EditionSource | undefined>;
  /** All editions up to now, the first one first; none for a program that is not there. */
  history(program: string): Promise<readonly DatedEdition[]>;
}

interface DatedEdition extends EditionSource {
  /** Height of the block that deployed it. */
  readonly deployedAt: number;
}

/** A deployment that a node names but does not give. */
class MissingDeploymentError extends AleoError {
  constructor(program: string, edition: number) {
    super(`No node gives the deployment of edition ${edition} of ${program}.`, {
      remedy: "Add an endpoint that keeps the whole history, and run it again.",
    });
  }
}

const deploymentShape = z.object({
  deployment: z.object({ program: z.string(), program_owner: z.string().nullish() }),
});

/** The programs as a node keeps them, every edition of each. */
export function nodeLibrary(node: NodeClient): ProgramLibrary {
  const histories = new Map<string, Promise<readonly DatedEdition[]>>();
  const history = (program: string): Promise<readonly DatedEdition[]> => {
    let found = histories.get(program);
    if (found === undefined) {
      found = historyOf(node, program);
      histories.set(program, found);
      // A failure is not kept, and neither is that nothing was there yet.
      found.then(
        (editions) => editions.length === 0 && histories.delete(program),
        () => histories.delete(program),
      );
    }
    return found;
  };
  return {
    history,
    editionAt: async (program, height) =>
      (await history(program)).findLast(({ deployedAt }) => deployedAt <= height),
  };
}

async function historyOf(node: NodeClient, program: string): Promise<readonly DatedEdition[]> {
  if (program === "credits.aleo") {
    const source = await node.programSource(program);
    return source === undefined
      ? []
      : [{ program, edition: 0, source, owner: undefined, deployedAt: 0 }];
  }
  const latest = await node.programEdition(program);
  if (latest === undefined) return [];
  const editions: DatedEdition[] = [];
  for (let edition = 0; edition <= latest; edition += 1) {
    editions.push(await editionOf(node, program, edition));
  }
  return editions;
}

async function editionOf(
  node: NodeClient,
  program: string,
  edition: number,
): Promise<DatedEdition> {
  const id = await node.deploymentTransactionId(program, edition);
  const transaction = id === undefined ? undefined : await node.transaction(id);
  const deployedAt = id === undefined ? undefined : await node.blockOfTransaction(id);
  if (transaction === undefined || deployedAt === undefined) {
    throw new MissingDeploymentError(program, edition);
  }
  const { deployment } = deploymentShape.parse(transaction);
  return {
    program,
    edition,
    source: deployment.program,
    owner: deployment.program_owner ?? undefined,
    deployedAt,
  };
}
