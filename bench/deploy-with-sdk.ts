import {
  AleoNetworkClient,
  getOrInitConsensusVersionTestHeights,
  PrivateKey,
  ProgramManagerBase,
  setLogLevel,
} from "@provablehq/sdk/testnet.js";
import { sampleProgram } from "./sample-program.ts";

const [id = "", url = ""] = process.argv.slice(2);
setLogLevel("silent");
getOrInitConsensusVersionTestHeights([...Array(19).keys()].join(","));
const transaction = await ProgramManagerBase.buildDevnodeDeploymentTransaction(
  PrivateKey.from_string(process.env.ALEO_PRIVATE_KEY ?? ""),
  sampleProgram(id),
  0,
  undefined,
  url,
);
const client = new AleoNetworkClient(url);
const sent = await client.submitTransaction(transaction.toString());
await client.waitForTransactionConfirmation(sent);
process.exit();
