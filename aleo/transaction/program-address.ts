import { ledgerOf, type Network } from "../network.ts";
import { callSdk, sdkQueue } from "./sdk.ts";

/** The address under which a program holds credits. */
export function programAddress(network: Network, programId: string): Promise<string> {
  return sdkQueue(ledgerOf(network))((sdk) =>
    callSdk(`Computing the address of ${programId}`, () =>
      sdk.Address.fromProgramId(programId).to_string(),
    ),
  );
}
