/** The networks a stack can run on. `local` is a devnode: a testnet ledger on this machine. */
export const networks = ["local", "testnet", "mainnet"] as const;
export type Network = (typeof networks)[number];

/** The path segment under which a node serves this network's REST routes. */
export function ledgerOf(network: Network): "testnet" | "mainnet" {
  return network === "mainnet" ? "mainnet" : "testnet";
}

export const microcreditsPerCredit = 1_000_000n;

/** An amount in credits, as shown to people: `1.5 credits`. */
export function formatCredits(microcredits: bigint): string {
  const whole = microcredits / microcreditsPerCredit;
  const part = (microcredits % microcreditsPerCredit)
    .toString()
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${whole.toString()}${part === "" ? "" : `.${part}`} credits`;
}
