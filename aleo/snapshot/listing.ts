import type { NodeClient } from "../node/client.ts";
import { quietly } from "./quiet.ts";
import { sortedMappings, type Entry, type Snapshot } from "./snapshot.ts";

/**
 * The state of a program at the head, from the mappings that the node lists: read, and read again
 * until no block has touched the program meanwhile.
 *
 * @throws {CapabilityMissingError} No endpoint lists mappings.
 * @throws {NoSuchProgramError}
 * @throws {NeverQuietError}
 */
export function snapshotByListing(node: NodeClient, program: string): Promise<Snapshot> {
  return quietly(node, program, "listing", async () => ({
    mappings: sortedMappings(await listed(node, program)),
    keysAsked: undefined,
  }));
}

async function listed(
  node: NodeClient,
  program: string,
): Promise<(readonly [string, readonly Entry[]])[]> {
  const names = (await node.mappingNames(program)) ?? [];
  return Promise.all(
    names.map(async (name) => {
      const listing = await node.mappingEntries(program, name);
      return [name, listing?.entries ?? []] as const;
    }),
  );
}
