import { AleoError } from "../../aleo/errors.ts";
import type { MigrationPair } from "./pair.ts";
import { agentRegistryV2ToV3 } from "./pairs/agent-registry-v2-to-v3.ts";
import { trustVerifierV2ToV3 } from "./pairs/trust-verifier-v2-to-v3.ts";

/** What keeps one program's state from becoming another's. */
export class MigrationError extends AleoError {}

const pairs: readonly MigrationPair[] = [agentRegistryV2ToV3, trustVerifierV2ToV3];

/** @throws MigrationError where nobody has declared how the one becomes the other */
export function pairOf(from: string, to: string): MigrationPair {
  if (from === to) {
    throw new MigrationError(`${from} can't be migrated to itself.`, {
      remedy: "Name its successor with --to. A new edition of a program keeps its state.",
    });
  }
  const found = pairs.find((pair) => pair.from === from && pair.to === to);
  if (found !== undefined) return found;
  const known = pairs.map((pair) => `${pair.from} to ${pair.to}`).join(", ");
  throw new MigrationError(`It is not declared how ${from} becomes ${to}.`, {
    remedy: `Known are: ${known}. Another pair is declared in a file of operations/migrate/pairs/.`,
  });
}
