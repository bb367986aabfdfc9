import { join } from "node:path";
import { catalogOf } from "../../aleo/backup/catalog.ts";
import { folderOf } from "../../aleo/backup/layout.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import type { Network } from "../../aleo/network.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { folderStore } from "../backup/store/folder-store.ts";
import type { MigrationPair } from "./pair.ts";

/**
 * The state of the old program that the last run went by, kept as a backup in a folder: so that the
 * next run can say what has changed since. What is done already stands on the chain, not here.
 */
export class Checkpoint {
  readonly #store: ObjectStore;
  readonly #network: Network;
  readonly #program: string;

  /** @param state the folder `.state` */
  constructor(state: string, network: Network, { from, to }: MigrationPair) {
    this.#store = folderStore(join(state, "migrations", network, to));
    this.#network = network;
    this.#program = from;
  }

  /** Undefined before the first run, and where what is there is not whole. */
  async read(): Promise<Snapshot | undefined> {
    const backups = await catalogOf(this.#store, this.#network, this.#program);
    const last = backups.findLast(({ manifest }) => manifest !== undefined)?.manifest;
    return last && loadSnapshot(this.#store, last);
  }

  /** Takes the place of what was there, which goes only when this is whole. */
  async write(snapshot: Snapshot): Promise<void> {
    const { id } = await writeBackup(this.#store, snapshot);
    const kept = folderOf({ program: this.#program, id });
    for await (const { key } of this.#store.list(`${this.#program}/`)) {
      if (!key.startsWith(kept)) await this.#store.remove(key);
    }
  }
}
