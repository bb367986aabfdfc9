import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeploymentFees } from "../../../aleo/fees/deployment-fees.ts";
import { networkFees } from "../../../aleo/fees/network-fees.ts";
import type { Network } from "../../../aleo/network.ts";
import type { DeploymentRequest, TransactionBuilder } from "../../../aleo/transaction/builder.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const request: DeploymentRequest = {
  programId: "token.aleo",
  source: "program token.aleo;",
  edition: 0,
  imports: {},
  priorityFee: 7n,
};

describe("estimates of deployment fees", () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let counted: DeploymentRequest[];
  let builder: TransactionBuilder;
  let fees: () => DeploymentFees;

  beforeEach(() => {
    directory = temporaryDirectory("fees");
    counted = [];
    builder = {
      estimateDeployment: (asked: DeploymentRequest) => {
        counted.push(asked);
        return Promise.resolve(2_091_586n);
      },
    } as unknown as TransactionBuilder;
    fees = () => new DeploymentFees(folder, builder);
  });
  afterEach(() => {
    directory.remove();
  });

  const folder = () => Promise.resolve(join(directory.path, "fees"));
  const cacheFiles = () =>
    readdirSync(join(directory.path, "fees")).map((name) => join(directory.path, "fees", name));

  it("are counted once for a checksum, also by later runs", async () => {
    assert.equal(await fees().estimate("a5", request), 2_091_586n);
    assert.equal(await fees().estimate("a5", { ...request, edition: 3 }), 2_091_586n);
    assert.equal(counted.length, 1);
    await fees().estimate("b6", request);
    assert.equal(counted.length, 2);
    assert.equal(cacheFiles().length, 2);
  });

  it("are counted again where what the program imports is another", async () => {
    const imports = (source: string, edition = 0) => ({
      ...request,
      imports: { "library.aleo": { source, edition } },
    });
    await fees().estimate("a5", imports("closure a"));
    await fees().estimate("a5", imports("closure b"));
    await fees().estimate("a5", imports("closure b", 1));
    await fees().estimate("a5", request);
    assert.equal(counted.length, 3);
  });

  it("are counted again where the cache is damaged, and put right there", async () => {
    await fees().estimate("a5", request);
    const [file = ""] = cacheFiles();
    const damaged = ["", "{", "null", '{"fee":1}', '{"fee":"-1"}', '{"fee":"1e3"}', '{"fee":""}'];
    for (const [round, text] of damaged.entries()) {
      writeFileSync(file, text);
      assert.equal(await fees().estimate("a5", request), 2_091_586n, text);
      assert.equal(counted.length, round + 2);
    }
    assert.equal(await fees().estimate("a5", request), 2_091_586n);
    assert.equal(counted.length, damaged.length + 1);
  });

  it("are not kept where counting failed", async () => {
    const failing = {
      estimateDeployment: () => Promise.reject(new Error("no circuits")),
    } as unknown as TransactionBuilder;
    const broken = new DeploymentFees(folder, failing);
    await assert.rejects(broken.estimate("a5", request), /no circuits/);
    assert.equal(await fees().estimate("a5", request), 2_091_586n);
  });

  it("are counted again for another network, and for another consensus version of it", async () => {
    const environment = { XDG_CACHE_HOME: directory.path };
    let asked = 0;
    const estimate = async (network: Network, version: number) => {
      const consensusVersion = () => Promise.resolve(version).finally(() => asked++);
      const { deployments } = networkFees({ network, consensusVersion }, environment, builder);
      await deployments.estimate("a5", request);
      await deployments.estimate("a5", request);
      return counted.length;
    };
    assert.equal(await estimate("testnet", 14), 1);
    assert.equal(await estimate("mainnet", 14), 2);
    assert.equal(await estimate("local", 14), 3);
    assert.equal(await estimate("testnet", 15), 4);
    assert.equal(await estimate("testnet", 14), 4);
    assert.equal(asked, 5, "a node is asked once");
  });

  it("are not taken from an unknown consensus version; the node is asked again", async () => {
    let answers = false;
    const consensusVersion = () =>
      answers ? Promise.resolve(14) : Promise.reject(new Error("no answer"));
    const environment = { XDG_CACHE_HOME: directory.path };
    const { deployments } = networkFees(
      { network: "testnet", consensusVersion },
      environment,
      builder,
    );
    await assert.rejects(deployments.estimate("a5", request), /no answer/);
    answers = true;
    assert.equal(await deployments.estimate("a5", request), 2_091_586n);
  });
});
