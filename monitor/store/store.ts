import type { Network } from "../../aleo/network.ts";
import { DatabaseError } from "../errors.ts";
import { AlertStore } from "./alert-store.ts";
import { ChainStore } from "./chain-store.ts";
import { Database, type Reading } from "./database.ts";
import { LookStore } from "./look-store.ts";
import { OutboxStore } from "./outbox-store.ts";
import { ProbeStore } from "./probe-store.ts";

/** All that a monitor keeps, in one SQLite file. */
export class Store {
  readonly database: Database;
  readonly chain: ChainStore;
  readonly looks: LookStore;
  readonly probes: ProbeStore;
  readonly alerts: AlertStore;
  readonly outbox: OutboxStore;

  private constructor(database: Database) {
    this.database = database;
    this.chain = new ChainStore(database);
    this.looks = new LookStore(database);
    this.probes = new ProbeStore(database);
    this.alerts = new AlertStore(database);
    this.outbox = new OutboxStore(database);
  }

  /**
   * For whoever keeps it: what is corrupt shows at once.
   * @throws DatabaseError for a file that can't be used, or that belongs to another network
   */
  static open(path: string, network: Network): Store {
    return Store.#open(path, network, "whole");
  }

  /**
   * For whoever looks something up and wants to know it now: what is corrupt shows where it is read.
   * @throws DatabaseError as `open` does
   */
  static openToLook(path: string, network: Network): Store {
    return Store.#open(path, network, "what is asked");
  }

  static #open(path: string, network: Network, reading: Reading): Store {
    const store = new Store(Database.open(path, reading));
    const known = store.probes.fact("network");
    if (known === undefined) store.probes.setFact("network", network);
    if (known === undefined || known === network) return store;
    store.close();
    throw new DatabaseError(
      `${path} is the database of a monitor of ${known}, not of ${network}.`,
      {
        remedy: `Name another file in MONITOR_DATABASE, or run with --network ${known}.`,
      },
    );
  }

  close(): void {
    this.database.close();
  }
}
