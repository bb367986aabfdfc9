import { readdirSync } from "node:fs";
import { join } from "node:path";
import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { nearest, programName } from "../../aleo/program/id.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import type { Settings } from "../../settings.ts";
import { plural } from "../text.ts";
import { elsewhere } from "./elsewhere.ts";
import { parsedProgram } from "./parsed.ts";

export class ProgramMissingError extends AleoError {}

/** A program as it stands on chain. */
export interface ProgramStatus {
  readonly program: string;
  readonly network: string;
  readonly edition: number;
  /** Address of who deployed this edition; null where no node tells. */
  readonly owner: string | null;
  readonly transaction: string | null;
  /** As the chain computes it, in hex. */
  readonly checksum: string;
  readonly mappings: readonly string[];
  readonly functions: readonly string[];
  /** Null for a program that can't be paused. */
  readonly paused: boolean | null;
}

/**
 * @throws ProgramIdError for an id that can't be one
 * @throws ProgramMissingError for a program that is not on this network, with the nearest declared one
 */
export async function programStatus(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  id: string,
): Promise<ProgramStatus> {
  programName(id);
  const deployed = await node.program(id);
  if (deployed === undefined) throw await missing(settings, node, id);
  const program = parsedProgram(deployed.source);
  const mappings = componentsOf(program, "mapping");
  return {
    program: id,
    network: settings.network,
    edition: deployed.edition,
    owner: deployed.owner ?? null,
    transaction: deployed.transactionId ?? null,
    checksum: programChecksum(program),
    mappings: [...mappings.keys()],
    functions: [...componentsOf(program, "function").keys()],
    paused: mappings.has("paused")
      ? (await node.mappingValue(id, "paused", pausedKey)) === "true"
      : null,
  };
}

/**
 * The source of a program as it stands on chain.
 * @throws as `programStatus`
 */
export async function programSource(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  id: string,
): Promise<string> {
  programName(id);
  const deployed = await node.program(id);
  if (deployed === undefined) throw await missing(settings, node, id);
  return deployed.source;
}

/** Under which the programs of contracts/ keep whether they are paused. */
const pausedKey = "0u8";

/** What is wrong with an id under which no program is served, and which one may be meant. */
export async function missing(
  { network, programs }: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  id: string,
): Promise<ProgramMissingError> {
  const what = `${id} is not deployed on ${network}.`;
  const ago = await acceptedAgo(node, id);
  if (ago !== undefined) {
    return new ProgramMissingError(
      `${id} was accepted ${ago === 0 ? "in the newest block" : `${plural(ago, "block")} ago`} on ${network}, and the node does not serve it yet.`,
      { remedy: "Wait for 2 or 3 blocks, then look again. Do not deploy it a second time." },
    );
  }
  const declared = programs.map(({ program }) => program);
  if (declared.includes(id)) {
    return new ProgramMissingError(what, {
      remedy: `The stack declares it: deploy it with \`make up STACK=${network}\`. A program that was accepted just now shows after 2 or 3 blocks.`,
    });
  }
  const meant = await nearestDeployed(node, id, declared);
  if (meant !== undefined) {
    return new ProgramMissingError(what, { remedy: `Did you mean ${meant}?` });
  }
  const others = await elsewhere(
    network,
    async (other) => (await other.programEdition(id)) !== undefined,
  );
  return new ProgramMissingError(what, {
    remedy:
      others.length > 0
        ? `It is deployed on ${others.join(" and ")}: add --network ${others[0] ?? ""}.`
        : `Check the id, and that ${network} is the network you mean. A program that was accepted just now shows after 2 or 3 blocks.`,
  });
}

/** How many blocks ago a program was deployed that the node does not serve yet. */
async function acceptedAgo(node: NodeClient, id: string): Promise<number | undefined> {
  const transaction = await node.deploymentTransactionId(id);
  const height = transaction === undefined ? undefined : await node.blockOfTransaction(transaction);
  return height === undefined ? undefined : Math.max(0, (await node.latestHeight()) - height);
}

/** How many ids that look alike are asked for. */
const mostAsked = 3;

async function nearestDeployed(
  node: NodeClient,
  id: string,
  declared: readonly string[],
): Promise<string | undefined> {
  const candidates = new Set([...declared, ...ownPrograms(), "credits.aleo"]);
  for (let asked = 0; asked < mostAsked; asked += 1) {
    const meant = nearest(id, candidates);
    if (meant === undefined) return undefined;
    if ((await node.programEdition(meant)) !== undefined) return meant;
    candidates.delete(meant);
  }
  return undefined;
}

/** The programs in contracts/, where this runs in the project. */
function ownPrograms(): string[] {
  try {
    return readdirSync(join(import.meta.dirname, "..", "..", "contracts"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${name}.aleo`);
  } catch {
    return [];
  }
}

export function programText(status: ProgramStatus): string {
  const { program, network, edition, owner, transaction, checksum, paused } = status;
  return [
    `${program} on ${network}${paused === true ? ", PAUSED" : ""}`,
    `  edition      ${edition}`,
    `  owner        ${owner ?? "not told by the node"}`,
    `  transaction  ${transaction ?? "none: part of the genesis block"}`,
    `  checksum     ${checksum}`,
    `  paused       ${paused === null ? "can't be paused" : paused ? "yes" : "no"}`,
    `  mappings     ${status.mappings.join(", ") || "none"}`,
    `  functions    ${status.functions.join(", ") || "none"}`,
  ].join("\n");
}
