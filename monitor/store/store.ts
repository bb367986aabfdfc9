import type { Network } from "../../aleo/network.ts";
import { DatabaseError } from "../errors.ts";
import { AlertStore } from "./alert-store.ts";
import { ChainStore } from "./chain-store.ts";
import { Database } from "./database.ts";
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

  /** @throws DatabaseError for a file that can't be used, or that belongs to another network */
  static open(path: string, network: Network): Store {
    const store = new Store(Database.open(path));
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
