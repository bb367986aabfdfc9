import { z } from "zod";
import { ledgerOf, type Network } from "../network.ts";
import { broadcastOnce, transactionIdOf } from "./broadcast.ts";
import { Endpoint } from "./endpoint.ts";
import { CapabilityMissingError, InvalidEndpointError } from "./errors.ts";
import { Requester, type Question } from "./requester.ts";
import {
  blockShape,
  shapes,
  transactionShape,
  type Block,
  type ConfirmedJson,
  type TransactionJson,
} from "./shapes.ts";

/** A program as it stands on chain. */
export interface DeployedProgram {
  readonly source: string;
  readonly edition: number;
  /** The transaction of this edition; none for credits.aleo, which is part of the genesis. */
  readonly transactionId: string | undefined;
  /** Address of who deployed or upgraded it last; known from consensus V9 on, where a node serves it. */
  readonly owner: string | undefined;
  /** How often this edition's verifying keys were amended; `undefined` where no node serves it. */
  readonly amendments: number | undefined;
}

/** A transaction that is in a block. */
export interface ConfirmedTransaction {
  readonly status: "accepted" | "rejected";
  readonly type: "deploy" | "execute";
  /** The id under which it was broadcast. */
  readonly id: string;
  /** Id of the fee transaction that stands in the block in place of a rejected one. */
  readonly feeTransactionId: string | undefined;
  readonly blockHeight: number | undefined;
  /** Base and priority fee together, in microcredits; spent even if rejected. */
  readonly fee: bigint | undefined;
  readonly raw: ConfirmedJson;
}

/** The newest block of the endpoint that is furthest. */
interface Head {
  readonly height: number;
  /** When it was made, in ms since 1970. */
  readonly timeMs: number;
}

interface MappingEntries {
  readonly entries: readonly (readonly [key: string, value: string])[];
  /** Block height read just before the entries; `undefined` where the node does not tell. */
  readonly height: number | undefined;
}

/**
 * What the rest of the project asks of the chain.
 *
 * A method returns `undefined` only where a node says definitely that the thing is not there. Else
 * it retries over all endpoints within the retry budget and then throws: NodeUnreachableError,
 * NodeResponseError or RateLimitedError; NodeRefusedError at once for a request that a node calls
 * wrong, and WrongNetworkError for an endpoint of another network.
 */
export interface NodeClient {
  readonly network: Network;
  /** The endpoints' addresses, without anything secret. */
  readonly endpoints: readonly string[];

  /**
   * Asks every endpoint for its newest block. From then on this client asks the furthest first, and
   * no more those that are behind it or did not answer, so that what it reads next is no older than
   * this block but for one: call it before a decision that old state would spoil.
   */
  followFreshest(): Promise<Head>;
  latestHeight(): Promise<number>;
  latestBlock(): Promise<Block>;
  block(height: number): Promise<Block | undefined>;
  /**
   * Blocks from `start` up to but without `before`, fewer where the chain ends before.
   * @param knownHeight a height that the chain has for certain: where it reaches, the node is not asked for its height first
   */
  blocks(start: number, before: number, knownHeight?: number): Promise<Block[]>;
  consensusVersion(): Promise<number>;
  stateRoot(): Promise<string>;

  program(id: string): Promise<DeployedProgram | undefined>;
  programSource(id: string): Promise<string | undefined>;
  programEdition(id: string): Promise<number | undefined>;
  /** Id of the transaction that deployed the program, or its given edition. */
  deploymentTransactionId(id: string, edition?: number): Promise<string | undefined>;

  mappingNames(id: string): Promise<readonly string[] | undefined>;
  mappingValue(id: string, mapping: string, key: string): Promise<string | undefined>;
  /** @throws {CapabilityMissingError} Public nodes do not list mappings. */
  mappingEntries(id: string, mapping: string): Promise<MappingEntries | undefined>;
  /** Public balance in microcredits; 0 for an address without an entry in credits.aleo/account. */
  balance(address: string): Promise<bigint>;

  /** The transaction as it stands in the ledger: for a rejected one that is its fee transaction. */
  transaction(id: string): Promise<TransactionJson | undefined>;
  /** A transaction in a block, by the id it was broadcast under or by that of its fee. */
  confirmedTransaction(id: string): Promise<ConfirmedTransaction | undefined>;
  /** A confirmed transaction in the form in which it was broadcast, rejected ones too. */
  originalTransaction(id: string): Promise<TransactionJson | undefined>;
  /** Whether it waits in a node's memory pool; `undefined` where no node tells (most do not). */
  unconfirmedTransaction(id: string): Promise<boolean | undefined>;
  /** Height of the block that holds it as accepted, rejected or aborted. */
  blockOfTransaction(id: string): Promise<number | undefined>;
  /**
   * Sends a transaction, once and to one endpoint, whatever happens, and returns its id. One that
   * is in the ledger already counts as sent.
   *
   * @throws {BroadcastUncertainError} It may have been taken: look it up before anything else.
   * @throws {NodeRefusedError} The node checked it and did not take it.
   * @throws {NodeUnreachableError | RateLimitedError} It was not taken.
   */
  broadcast(transaction: string): Promise<string>;

  /** Cuts the connections, so that the process can end at once. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly network: Network;
  /** Base URLs, the preferred one first, e.g. `https://api.explorer.provable.com/v2`. */
  readonly endpoints: readonly string[];
  /** Time for one question with all its retries. */
  readonly retryBudgetMs?: number;
  /** Time for one HTTP request; a broadcast, which the node checks first, gets four times that. */
  readonly requestTimeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** Budget of an endpoint that is not on this machine; public nodes allow 5 without a key. */
  readonly requestsPerSecond?: number;
}

/** Within it, an endpoint that is of use says what its newest block is. */
const headWithinMs = 3_000;
/** Endpoints in order are one block apart for a moment, when a new one comes. */
const tolerableLag = 1;

/** snarkOS node/rest/src/routes.rs, `get_blocks`. */
const maxBlocksPerRequest = 50;
const megabyte = 1024 * 1024;

/**
 * A client over one or more nodes of a network. Nothing is sent before the first question.
 *
 * @throws {InvalidEndpointError}
 */
export function connect(options: ConnectOptions): NodeClient {
  return new RestClient(options);
}

/** Whether a block holds this transaction as aborted: it changed nothing and cost nothing. */
export function isAbortedIn(block: Block, transactionId: string): boolean {
  return block.aborted_transaction_ids.includes(transactionId);
}

const at = (...parts: readonly string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part)}`).join("");

class RestClient implements NodeClient {
  readonly network: Network;
  readonly endpoints: readonly string[];
  readonly #endpoints: readonly Endpoint[];
  readonly #requester: Requester;
  readonly #broadcastTimeoutMs: number;

  constructor({
    network,
    endpoints,
    retryBudgetMs = 20_000,
    requestTimeoutMs = 10_000,
    maxResponseBytes = 128 * megabyte,
    requestsPerSecond = 5,
  }: ConnectOptions) {
    if (endpoints.length === 0) {
      throw new InvalidEndpointError(`Network ${network} has no endpoint.`);
    }
    this.network = network;
    this.#endpoints = endpoints.map(
      (address) => new Endpoint(address, { requestsPerSecond, maxResponseBytes }),
    );
    this.endpoints = this.#endpoints.map(({ label }) => label);
    this.#broadcastTimeoutMs = 4 * requestTimeoutMs;
    this.#requester = new Requester({
      ledger: ledgerOf(network),
      endpoints: this.#endpoints,
      retryBudgetMs,
      requestTimeoutMs,
    });
  }

  async followFreshest(): Promise<Head> {
    const question = { route: "/block/latest", shape: blockShape };
    const single = this.#endpoints.length === 1;
    const answers = single ? [] : await this.#requester.askEach(question, headWithinMs);
    if (answers.length === 0) {
      // Where none was so quick, whichever answers at all.
      this.#requester.follow(this.#endpoints, new Map());
      answers.push(await this.#requester.ask(question));
    }
    const heightOf = ({ value }: (typeof answers)[number]) => value.header.metadata.height;
    const [furthest, ...others] = answers.toSorted((one, other) => heightOf(other) - heightOf(one));
    if (furthest === undefined) throw new Error("an answer was asked for");
    const height = heightOf(furthest);
    const near = others.filter((one) => height - heightOf(one) <= tolerableLag);
    const followed = [furthest, ...near].map(({ endpoint }) => endpoint);
    const lags = new Map(answers.map((one) => [one.endpoint, height - heightOf(one)]));
    const left = this.#endpoints.filter((endpoint) => !followed.includes(endpoint));
    this.#requester.follow(
      followed,
      new Map(left.map((endpoint) => [endpoint, whyLeft(lags.get(endpoint))])),
    );
    return { height, timeMs: furthest.value.header.metadata.timestamp * 1_000 };
  }

  latestHeight(): Promise<number> {
    return this.#need({ route: "/block/height/latest", shape: shapes.height });
  }

  latestBlock(): Promise<Block> {
    return this.#need({ route: "/block/latest", shape: blockShape });
  }

  block(height: number): Promise<Block | undefined> {
    const subject = String(height);
    return this.#find({ route: at("block", subject), shape: blockShape, subject });
  }

  async blocks(start: number, before: number, knownHeight = -1): Promise<Block[]> {
    const end =
      knownHeight + 1 >= before ? before : Math.min(before, (await this.latestHeight()) + 1);
    const blocks: Block[] = [];
    for (let from = start; from < end; from += maxBlocksPerRequest) {
      const to = Math.min(end, from + maxBlocksPerRequest);
      const route = `/blocks?start=${from}&end=${to}`;
      blocks.push(...(await this.#need({ route, shape: shapes.blocks })));
    }
    return blocks;
  }

  consensusVersion(): Promise<number> {
    return this.#need({ route: "/consensus_version", shape: shapes.count });
  }

  stateRoot(): Promise<string> {
    return this.#need({ route: "/stateRoot/latest", shape: shapes.text });
  }

  async program(id: string): Promise<DeployedProgram | undefined> {
    const found = await this.#find({
      route: `${at("program", id)}?metadata=true`,
      shape: shapes.program,
      subject: id,
    });
    if (found === undefined) return undefined;
    if (typeof found !== "string") {
      return {
        source: found.program,
        edition: found.edition,
        transactionId: found.transaction_id ?? undefined,
        owner: found.program_owner ?? undefined,
        amendments: found.amendment_count ?? (await this.#amendments(id)),
      };
    }
    const edition = await this.programEdition(id);
    if (edition === undefined) return undefined;
    const transactionId = await this.deploymentTransactionId(id);
    return {
      source: found,
      edition,
      transactionId,
      owner: transactionId === undefined ? undefined : await this.#ownerIn(transactionId),
      amendments: await this.#amendments(id),
    };
  }

  programSource(id: string): Promise<string | undefined> {
    return this.#find({ route: at("program", id), shape: shapes.text, subject: id });
  }

  programEdition(id: string): Promise<number | undefined> {
    return this.#find({
      route: at("program", id, "latest_edition"),
      shape: shapes.count,
      subject: id,
    });
  }

  async deploymentTransactionId(id: string, edition?: number): Promise<string | undefined> {
    const route = at("find", "transactionID", "deployment", id);
    const found = await this.#find({
      route: edition === undefined ? route : `${route}/${edition}`,
      shape: shapes.textOrNull,
      subject: id,
    });
    return found ?? undefined;
  }

  async mappingNames(id: string): Promise<readonly string[] | undefined> {
    const found = await this.#find({
      route: at("program", id, "mappings"),
      shape: shapes.names,
      subject: id,
    });
    return found ?? undefined;
  }

  async mappingValue(id: string, mapping: string, key: string): Promise<string | undefined> {
    const found = await this.#find({
      route: at("program", id, "mapping", mapping, key),
      shape: shapes.textOrNull,
      subject: id,
    });
    return found ?? undefined;
  }

  mappingEntries(id: string, mapping: string): Promise<MappingEntries | undefined> {
    return this.#find({
      route: `${at("program", id, "mapping", mapping)}?all=true&metadata=true`,
      shape: shapes.entries,
      subject: id,
      capability: "mapping listing",
      lacking: ({ status, reason }) =>
        status === 401 || status === 403 || /authori[sz]ation/i.test(reason),
    });
  }

  async balance(address: string): Promise<bigint> {
    const value = await this.#find({
      route: at("program", "credits.aleo", "mapping", "account", address),
      shape: z
        .string()
        .regex(/^\d+u64$/)
        .nullable(),
      subject: "credits.aleo",
    });
    return value ? BigInt(value.slice(0, -"u64".length)) : 0n;
  }

  transaction(id: string): Promise<TransactionJson | undefined> {
    return this.#find({ route: at("transaction", id), shape: transactionShape, subject: id });
  }

  async confirmedTransaction(id: string): Promise<ConfirmedTransaction | undefined> {
    const found = await this.#find({
      route: `${at("transaction", "confirmed", id)}?metadata=true`,
      shape: shapes.confirmed,
      subject: id,
    });
    if (found === undefined) return undefined;
    const { entry, height } = found;
    const { status, type, transaction } = entry;
    const rejected = status === "rejected";
    return {
      status,
      type,
      id: rejected && transaction.id === id ? await this.#originalId(id) : id,
      feeTransactionId: rejected ? transaction.id : undefined,
      blockHeight: height ?? (await this.blockOfTransaction(id)),
      fee: feeOf(transaction),
      raw: entry,
    };
  }

  originalTransaction(id: string): Promise<TransactionJson | undefined> {
    return this.#find({
      route: at("transaction", "unconfirmed", id),
      shape: transactionShape,
      subject: id,
    });
  }

  async unconfirmedTransaction(id: string): Promise<boolean | undefined> {
    const pool = await this.#unlessLacking({
      route: "/memoryPool/transactions",
      shape: shapes.memoryPool,
      capability: "memory pool",
    });
    return pool === undefined ? undefined : JSON.stringify(pool).includes(`"${id}"`);
  }

  async blockOfTransaction(id: string): Promise<number | undefined> {
    const hash = await this.#find({
      route: at("find", "blockHash", id),
      shape: shapes.textOrNull,
      subject: id,
    });
    if (!hash) return undefined;
    return this.#find({ route: at("height", hash), shape: shapes.height, subject: hash });
  }

  async broadcast(transaction: string): Promise<string> {
    const id = transactionIdOf(transaction);
    const { endpoint } = await this.#requester.ask({
      route: "/block/height/latest",
      shape: shapes.height,
    });
    await broadcastOnce({
      endpoint,
      prefix: await this.#requester.prefixOf(endpoint),
      id,
      transaction,
      timeoutMs: this.#broadcastTimeoutMs,
    });
    return id;
  }

  async close(): Promise<void> {
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
  }

  #find<T>(question: Question<T> & { readonly subject: string }): Promise<T | undefined> {
    return this.#requester.find(question);
  }

  async #need<T>(question: Question<T>): Promise<T> {
    return (await this.#requester.ask(question)).value;
  }

  /** `undefined` where no endpoint has the capability. */
  async #unlessLacking<T>(question: Question<T>): Promise<T | undefined> {
    try {
      return await this.#requester.find(question);
    } catch (error) {
      if (error instanceof CapabilityMissingError) return undefined;
      throw error;
    }
  }

  async #amendments(id: string): Promise<number | undefined> {
    const found = await this.#unlessLacking({
      route: at("program", id, "amendment_count"),
      shape: shapes.amendments,
      subject: id,
      capability: "amendment count",
      lacking: () => true,
    });
    return found?.amendment_count;
  }

  async #ownerIn(transactionId: string): Promise<string | undefined> {
    const deployment = await this.transaction(transactionId);
    const owner = z.object({ owner: z.object({ address: z.string() }) }).safeParse(deployment);
    return owner.success ? owner.data.owner.address : undefined;
  }

  async #originalId(feeTransactionId: string): Promise<string> {
    return (await this.originalTransaction(feeTransactionId))?.id ?? feeTransactionId;
  }
}

function whyLeft(lag: number | undefined): string {
  return lag === undefined
    ? "it did not say what its newest block is"
    : `it is ${lag} blocks behind`;
}

/** Base fee and priority fee are the first two amounts of fee_public's and fee_private's inputs. */
function feeOf({ fee }: TransactionJson): bigint | undefined {
  const amounts = (fee?.transition.inputs ?? [])
    .map(({ value }) => /^(\d+)u64$/.exec(value ?? "")?.[1])
    .filter((digits) => digits !== undefined)
    .slice(0, 2);
  return amounts.length === 2
    ? amounts.reduce((sum, digits) => sum + BigInt(digits), 0n)
    : undefined;
}
