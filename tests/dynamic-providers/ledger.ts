import {
  Account,
  AleoNetworkClient,
  getOrInitConsensusVersionTestHeights,
  ProgramManager,
  setLogLevel,
  type Transaction,
} from "@provablehq/sdk/testnet.js";
import { request } from "undici";
import { chainChecksum, programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { developmentKey } from "../../local/development-account.ts";

/**
 * Another of the accounts that a devnode funds. Unlike the development account it makes no blocks,
 * so that its balance changes by what it pays only.
 */
export const payingKey = "APrivateKey1zkp2RWGDcde3efb89rjhME1VYA8QMxcxep5DShNBR6n8Yjh";
export const payingAddress = "aleo1s3ws5tra87fjycnjrwsjcrnw2qxr8jfqqdugnf0xzqqw29q9m5pqem2u4t";

/** A ledger seen and changed without any of the project's own code: what a person does by hand. */
export interface Ledger {
  /** Public balance in microcredits. */
  balance(address: string): Promise<bigint>;
  edition(program: string): Promise<number>;
  /** Height of the newest block. */
  height(): Promise<number>;
  source(program: string): Promise<string>;
  /** Height of the block that holds a transaction. */
  heightOf(transactionId: string): Promise<number>;
  /** Whether the program is on chain. */
  has(program: string): Promise<boolean>;
  /** The value of an entry as the node gives it; null where it is not set. */
  entry(program: string, mapping: string, key: string): Promise<string | null>;
  /** Whether the accepted deployment of a program's edition carries the checksum that we compute for the source. */
  holdsChecksumOf(source: string, edition: number): Promise<boolean>;
  /** What an accepted transaction cost, in microcredits. */
  feeOf(transactionId: string): Promise<bigint>;
  /** `accepted`, `rejected`, or the reason why it was not taken. */
  deploy(source: string): Promise<string>;
  upgrade(source: string): Promise<string>;
  call(program: string, name: string, inputs?: readonly string[]): Promise<string>;
}

/** @param url read at each use, so that it may be known later */
export function ledgerAt(url: () => string): Ledger {
  const get = async (route: string): Promise<unknown> => {
    const { statusCode, body } = await request(`${url()}/testnet${route}`);
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${route}: ${statusCode} ${text}`);
    return JSON.parse(text) as unknown;
  };
  let manager: ProgramManager | undefined;
  const byHand = (): ProgramManager => {
    if (manager === undefined) {
      setLogLevel("silent");
      getOrInitConsensusVersionTestHeights([...Array(19).keys()].join(","));
      manager = new ProgramManager(url());
      manager.setAccount(new Account({ privateKey: developmentKey }));
    }
    return manager;
  };
  const verdict = async (
    build: (manager: ProgramManager) => Promise<Transaction>,
  ): Promise<string> => {
    try {
      const client = new AleoNetworkClient(url());
      const id = await client.submitTransaction(await build(byHand()));
      return (await client.waitForTransactionConfirmation(id, 100, 20_000)).status;
    } catch (error) {
      return String(error);
    }
  };
  return {
    balance: async (address) => {
      const value = await get(`/program/credits.aleo/mapping/account/${address}`);
      return typeof value === "string" ? BigInt(value.replace("u64", "")) : 0n;
    },
    edition: async (program) => (await get(`/program/${program}/latest_edition`)) as number,
    height: async () => (await get("/block/height/latest")) as number,
    source: async (program) => (await get(`/program/${program}`)) as string,
    heightOf: async (transactionId) => {
      const hash = (await get(`/find/blockHash/${transactionId}`)) as string;
      return (await get(`/height/${hash}`)) as number;
    },
    has: async (program) =>
      (await request(`${url()}/testnet/program/${program}`)).statusCode === 200,
    entry: async (program, mapping, key) =>
      (await get(`/program/${program}/mapping/${mapping}/${key}`)) as string | null,
    holdsChecksumOf: async (source, edition) => {
      const program = parseProgram(source);
      const id = await get(`/find/transactionID/deployment/${program.id}/${edition}`);
      const { deployment } = (await get(`/transaction/${String(id)}`)) as {
        deployment: { program_checksum: string[] };
      };
      const ours = chainChecksum(programChecksum(program));
      return JSON.stringify(deployment.program_checksum) === JSON.stringify(ours);
    },
    feeOf: async (transactionId) => {
      const { fee } = (await get(`/transaction/${transactionId}`)) as {
        fee: { transition: { inputs: { value: string }[] } };
      };
      return fee.transition.inputs
        .slice(0, 2)
        .reduce((sum, { value }) => sum + BigInt(value.replace("u64", "")), 0n);
    },
    deploy: (program) =>
      verdict((manager) =>
        manager.buildDevnodeDeploymentTransaction({ program, priorityFee: 0, privateFee: false }),
      ),
    upgrade: (program) =>
      verdict((manager) =>
        manager.buildDevnodeUpgradeTransaction({ program, priorityFee: 0, privateFee: false }),
      ),
    call: (programName, functionName, inputs = []) =>
      verdict((manager) =>
        manager.buildDevnodeExecutionTransaction({
          programName,
          functionName,
          inputs: [...inputs],
          priorityFee: 0,
          privateFee: false,
        }),
      ),
  };
}
