import { networks, type Network } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { connectToLook } from "../connect.ts";
import { settingsFromFile } from "../stack-file.ts";

/**
 * The other networks of this project on which something is. One without a stack's file, or whose
 * nodes do not answer, is left out: nobody asked for it.
 */
export async function elsewhere(
  network: Network,
  isThere: (node: NodeClient) => Promise<boolean>,
): Promise<Network[]> {
  const others = networks.filter((other) => other !== network);
  const found = await Promise.all(
    others.map(async (other) => {
      let node: NodeClient | undefined;
      try {
        node = connectToLook(settingsFromFile(other, process.cwd(), {}));
        return await isThere(node);
      } catch {
        return false;
      } finally {
        await node?.close();
      }
    }),
  );
  return others.filter((_, index) => found[index] === true);
}
