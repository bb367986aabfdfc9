import { PrivateKey } from "../../aleo/keys.ts";
import { ledgerOf, type Network } from "../../aleo/network.ts";
import { callSdk, sdkQueue } from "../../aleo/transaction/sdk.ts";

/** A key that nobody has had before, from the SDK's random numbers. */
export function newPrivateKey(network: Network): Promise<PrivateKey> {
  return sdkQueue(ledgerOf(network))((sdk) =>
    callSdk(
      "Making a private key",
      () => new PrivateKey(new sdk.PrivateKey().to_string(), "the SDK"),
    ),
  );
}
