import assert from "node:assert/strict";
import {
  Account,
  AleoNetworkClient,
  getOrInitConsensusVersionTestHeights,
  ProgramManager,
  setLogLevel,
} from "@provablehq/sdk/testnet.js";
import { chainChecksum, programChecksum } from "../../../aleo/program/checksum.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import { developmentKey } from "../../../local/development-account.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { changed, deployedSource, upgradeCases } from "./upgrades.ts";

describe("upgradeViolations and a real ledger", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  let manager: ProgramManager;
  let client: AleoNetworkClient;

  before(async () => {
    setLogLevel("silent");
    getOrInitConsensusVersionTestHeights([...Array(19).keys()].join(","));
    client = new AleoNetworkClient(devnode.url);
    manager = new ProgramManager(devnode.url);
    manager.setAccount(new Account({ privateKey: developmentKey }));
    assert.equal(await deploy(deployedSource), "accepted");
  });

  async function deploy(program: string): Promise<string> {
    const transaction = await manager.buildDevnodeDeploymentTransaction({
      program,
      priorityFee: 0,
      privateFee: false,
    });
    const { deployment } = JSON.parse(transaction.toString()) as {
      deployment: { program_checksum: string[] };
    };
    assert.deepEqual(
      deployment.program_checksum,
      chainChecksum(programChecksum(parseProgram(program))),
    );
    const id = await client.submitTransaction(transaction);
    return (await client.waitForTransactionConfirmation(id, 100, 20_000)).status;
  }

  /** `accepted`, or the reason why not. */
  async function upgrade(program: string): Promise<string> {
    try {
      const transaction = await manager.buildDevnodeUpgradeTransaction({
        program,
        priorityFee: 0,
        privateFee: false,
      });
      const id = await client.submitTransaction(transaction);
      return (await client.waitForTransactionConfirmation(id, 100, 20_000)).status;
    } catch (error) {
      return String(error);
    }
  }

  for (const [index, upgradeCase] of upgradeCases.entries()) {
    const source = changed(upgradeCase);
    if (upgradeCase.rules.length > 0) {
      it(`refuse ${upgradeCase.what}`, async () => {
        const verdict = await upgrade(source);
        assert.match(verdict, /upgrade|constructor|not defined|record output registers/i);
      });
    } else {
      it(`allow ${upgradeCase.what}`, async () => {
        const named = (text: string) => text.replaceAll("upgrade_rules", `upgrade_${index}`);
        assert.equal(await deploy(named(deployedSource)), "accepted");
        assert.equal(await upgrade(named(source)), "accepted");
      });
    }
  }

  it("refuse any upgrade of a program that says @noupgrade", async () => {
    const source =
      "program upgrade_never.aleo;\nconstructor:\n    assert.eq edition 0u16;\nfunction f:\n";
    assert.equal(await deploy(source), "accepted");
    assert.match(await upgrade(source), /was rejected by the network/);
  });
});
