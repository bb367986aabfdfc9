import { writeFileSync } from "node:fs";
import {
  Account,
  getOrInitConsensusVersionTestHeights,
  ProgramManager,
  type Transaction,
} from "@provablehq/sdk/testnet.js";
import { developmentKey } from "../../../local/development-account.ts";
import { source } from "./notes-program.ts";

// A process of its own for what needs the SDK: deploys notes.aleo and builds executions of it.
// Arguments: URL of the devnode, file to write the transactions to.
const [url = "", file = ""] = process.argv.slice(2);
getOrInitConsensusVersionTestHeights([...Array(19).keys()].join(","));
const account = new Account({ privateKey: developmentKey });
const manager = new ProgramManager(url);
manager.setAccount(account);

const deploy = await manager.buildDevnodeDeploymentTransaction({
  program: source,
  priorityFee: 0,
  privateFee: false,
});
await manager.networkClient.submitTransaction(deploy.toString());

const put = (value: string): Promise<Transaction> =>
  manager.buildDevnodeExecutionTransaction({
    programName: "notes.aleo",
    functionName: "put",
    priorityFee: 0.000002,
    privateFee: false,
    inputs: ["1u64", value],
  });
const transactions = {
  deploy: deploy.toString(),
  accepted: (await put("5u64")).toString(),
  rejected: (await put("0u64")).toString(),
  lost: (await put("6u64")).toString(),
  unsent: (await put("7u64")).toString(),
};
writeFileSync(file, JSON.stringify(transactions));
process.exit(0);
