/** Prints the addresses of the programs named in its arguments, one a line. Run as a process of its own. */
import { loadSdk } from "../../aleo/transaction/sdk.ts";

const [ledger, ...programs] = process.argv.slice(2);
const sdk = await loadSdk(ledger === "mainnet" ? "mainnet" : "testnet");
for (const program of programs) {
  process.stdout.write(`${sdk.Address.fromProgramId(program).to_string()}\n`);
}
process.exit();
