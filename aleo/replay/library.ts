import { z } from "zod";
import { AleoError } from "../errors.ts";
import type { NodeClient } from "../node/client.ts";
import type { EditionSource } from "./program.ts";

/** Where a replay gets the source of programs that it did not see deployed. */
export interface ProgramLibrary {
  /** The edition in force after the block of this height; undefined where there was none yet. */
  editionAt(program: string, height: number): Promise<EditionSource | undefined>;
}

interface DatedEdition extends EditionSource {
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
  return {
    editionAt: async (program, height) => {
      let history = histories.get(program);
      if (history === undefined) {
        history = historyOf(node, program);
        histories.set(program, history);
        // A failure is not kept, and neither is what may be deployed later.
        history.then(
          (editions) => editions.length === 0 && histories.delete(program),
          () => histories.delete(program),
        );
      }
      return (await history).findLast(({ deployedAt }) => deployedAt <= height);
    },
  };
}

/** Height of the block that deployed the first edition; undefined for a program that is not there. */
export async function deploymentHeight(
  node: NodeClient,
  program: string,
): Promise<number | undefined> {
  const transactionId = await node.deploymentTransactionId(program, 0);
  return transactionId === undefined ? undefined : node.blockOfTransaction(transactionId);
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
