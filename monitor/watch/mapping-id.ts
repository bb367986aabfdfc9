/** Prints the ids of the mappings named in its arguments, `program.aleo/name`, one a line. Run as a process of its own. */
import { loadCrypto } from "../../aleo/replay/crypto.ts";
import { Ids } from "../../aleo/replay/ids.ts";

const [ledger, ...mappings] = process.argv.slice(2);
const ids = new Ids(await loadCrypto(ledger === "mainnet" ? "mainnet" : "testnet"));
for (const mapping of mappings) {
  const [program = "", name = ""] = mapping.split("/");
  process.stdout.write(`${ids.mapping(program, name)}field\n`);
}
process.exit();
