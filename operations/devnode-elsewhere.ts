import { AleoError } from "../aleo/errors.ts";
import type { Network } from "../aleo/network.ts";
import type { NodeClient } from "../aleo/node/client.ts";
import { devnodeKey, isDevnode } from "../aleo/transaction/devnode.ts";

/** What `make env` leaves in a shell is used on another network than local. */
class DevnodeElsewhereError extends AleoError {}

/**
 * Refuses a devnode that goes by the name of another network: what is done there would look as if it
 * were done on that network.
 * @throws DevnodeElsewhereError
 */
export async function refuseDevnode(network: Network, node: NodeClient): Promise<void> {
  if (network !== "local" && (await isDevnode(node))) {
    throw elsewhere(`${node.endpoints.join(", ")} is a devnode, and not ${network}.`);
  }
}

/**
 * Refuses the key that everybody knows on another network than local.
 * @param key as it is given
 * @throws DevnodeElsewhereError
 */
export function refuseDevnodeKey(network: Network, key: string): void {
  if (network !== "local" && key.trim() === devnodeKey) {
    throw elsewhere(`The private key is the devnode's, which everybody knows: not for ${network}.`);
  }
}

function elsewhere(problem: string): DevnodeElsewhereError {
  return new DevnodeElsewhereError(problem, {
    remedy:
      "Nothing was sent. `make env` has set this shell to the local network: open a new one (or `unset ALEO_NODE_URL ALEO_PRIVATE_KEY`) and give it your own key.",
  });
}
