import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import { versionOf } from "../emergency/rename-program.ts";
import type { MigrationPair } from "./pair.ts";
import { agentRegistryPair } from "./pairs/agent-registry.ts";
import { trustVerifierPair } from "./pairs/trust-verifier.ts";

/** What keeps one program's state from becoming another's. */
export class MigrationError extends AleoError {}

type PairOf = (from: string, to: string) => MigrationPair;

/** By the function with which the new program takes entries in. */
const families: readonly (readonly [neededFunction: string, pairOf: PairOf])[] = [
  ["import_agents", agentRegistryPair],
  ["import_proofs", trustVerifierPair],
];

/**
 * How a program becomes a later version of the same name. Whether the two have the same entries is
 * for `checkMappings` to say.
 * @throws MigrationError where nobody has declared how the one becomes the other
 */
export async function pairOf(node: NodeClient, from: string, to: string): Promise<MigrationPair> {
  if (from === to) {
    throw new MigrationError(`${from} can't be migrated to itself.`, {
      remedy: "Name its successor with --to. A new edition of a program keeps its state.",
    });
  }
  const [old, successor] = [versionOf(from), versionOf(to)];
  if (old.name !== successor.name || old.version >= successor.version) {
    throw new MigrationError(`It is not declared how ${from} becomes ${to}.`, {
      remedy:
        "A program becomes a later version of its name, as name_v2.aleo becomes name_v3.aleo. Anything else is declared in operations/migrate/pairs.ts.",
    });
  }
  const source = await node.programSource(to);
  if (source === undefined) {
    throw new MigrationError(`${to}, the program to migrate to, is not on ${node.network}.`, {
      remedy: "Check the id and the network; else deploy it first, and pause it.",
    });
  }
  const functions = componentsOf(parseProgram(source), "function");
  const family = families.find(([needed]) => functions.has(needed))?.[1];
  if (family !== undefined) return family(from, to);
  throw new MigrationError(`${to} has no function that takes entries in.`, {
    remedy: `Known are ${families.map(([needed]) => needed).join(" and ")}. How entries are imported is declared in operations/restore/plan.ts, and what else is to be known in operations/migrate/pairs.ts.`,
  });
}
