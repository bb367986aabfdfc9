import { AleoError } from "../../aleo/errors.ts";
import { PrivateKey, PrivateKeyError } from "../../aleo/keys.ts";
import { formatCredits, ledgerOf, type Network } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { sdkQueue } from "../../aleo/transaction/sdk.ts";
import { signerOf } from "../../aleo/transaction/sdk-transaction.ts";

export class AddressError extends AleoError {}

export interface Balance {
  readonly address: string;
  /** As a decimal string. */
  readonly microcredits: string;
}

/**
 * The public balance of an address.
 * @throws AddressError for what is no address
 */
export async function balance(node: NodeClient, address: string): Promise<Balance> {
  if (!/^aleo1[a-z0-9]{58}$/.test(address)) {
    throw new AddressError(`${JSON.stringify(address)} is no address.`, {
      remedy: "An address begins with aleo1 and has 63 characters.",
    });
  }
  return { address, microcredits: (await node.balance(address)).toString() };
}

/**
 * The address of the operating account, from ALEO_PRIVATE_KEY.
 * @throws PrivateKeyError where it is not set or no private key
 */
export function operatingAddress(network: Network, env: NodeJS.ProcessEnv): Promise<string> {
  const text = env.ALEO_PRIVATE_KEY;
  if (text === undefined) {
    throw new PrivateKeyError("There is no private key to take the address of.", {
      remedy: "Name an address, or set the environment variable ALEO_PRIVATE_KEY.",
    });
  }
  const key = new PrivateKey(text, "the environment variable ALEO_PRIVATE_KEY");
  return signerOf(sdkQueue(ledgerOf(network)), key).signer();
}

export function balanceText({ address, microcredits }: Balance): string {
  return `${address} holds ${formatCredits(BigInt(microcredits))} (${microcredits} microcredits).`;
}
