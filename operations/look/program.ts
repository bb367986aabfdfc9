import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { nearest, programName } from "../../aleo/program/id.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import type { Settings } from "../../settings.ts";

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
  if (deployed === undefined) throw missing(settings, id);
  const program = parseProgram(deployed.source);
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
  if (deployed === undefined) throw missing(settings, id);
  return deployed.source;
}

/** Under which the programs of contracts/ keep whether they are paused. */
const pausedKey = "0u8";

function missing(
  { network, programs }: Pick<Settings, "network" | "programs">,
  id: string,
): ProgramMissingError {
  const declared = programs.map(({ program }) => program);
  const meant = nearest(id, declared);
  const remedy = declared.includes(id)
    ? `The stack declares it: deploy it with \`make up STACK=${network}\`. A program that was accepted just now shows after 2 or 3 blocks.`
    : meant !== undefined
      ? `Did you mean ${meant}?`
      : `Check the id, and that ${network} is the network you mean. A program that was accepted just now shows after 2 or 3 blocks.`;
  return new ProgramMissingError(`${id} is not deployed on ${network}.`, { remedy });
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
