import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Kind, Records } from "./records.ts";

/** An event as it came in, with the answer it got. */
interface ReceivedEvent {
  readonly sequence: number;
  readonly at: string;
  /** The HTTP status; 0 where the connection was cut or left without an answer. */
  readonly status: number;
  readonly body: string;
}

/** Records on disk. Each write is there when the call returns, so a kill loses nothing. */
export interface Store {
  all<K extends Kind>(kind: K): Records[K][];
  get<K extends Kind>(kind: K, id: string): Records[K] | undefined;
  put<K extends Kind>(kind: K, record: Records[K]): void;
  remove(kind: Kind, id: string): void;
  isEmpty(): boolean;
  addReceived(at: string, status: number, body: string): void;
  received(): ReceivedEvent[];
  /** How far the stand-in's clock is ahead of the machine's, in ms. */
  clockOffset(): number;
  setClockOffset(ms: number): void;
  close(): void;
}

export function openStore(directory: string): Store {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, "pagerduty.sqlite"));
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS records (
      position INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      json TEXT NOT NULL,
      UNIQUE (kind, id)
    );
    CREATE TABLE IF NOT EXISTS received (
      sequence INTEGER PRIMARY KEY,
      at TEXT NOT NULL,
      status INTEGER NOT NULL,
      body TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), offset INTEGER NOT NULL);
  `);
  const selectAll = database.prepare("SELECT json FROM records WHERE kind = ? ORDER BY position");
  const selectOne = database.prepare("SELECT json FROM records WHERE kind = ? AND id = ?");
  const upsert = database.prepare(
    "INSERT INTO records (kind, id, json) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json",
  );
  const remove = database.prepare("DELETE FROM records WHERE kind = ? AND id = ?");
  const insertReceived = database.prepare(
    "INSERT INTO received (at, status, body) VALUES (?, ?, ?)",
  );
  return {
    all: <K extends Kind>(kind: K) =>
      selectAll.all(kind).map(({ json }) => JSON.parse(String(json)) as Records[K]),
    get: <K extends Kind>(kind: K, id: string) => {
      const row = selectOne.get(kind, id);
      return row === undefined ? undefined : (JSON.parse(String(row.json)) as Records[K]);
    },
    put: (kind, record) => {
      upsert.run(kind, record.id, JSON.stringify(record));
    },
    remove: (kind, id) => {
      remove.run(kind, id);
    },
    isEmpty: () => database.prepare("SELECT 1 FROM records LIMIT 1").get() === undefined,
    addReceived: (at, status, body) => {
      insertReceived.run(at, status, body);
    },
    received: () =>
      database
        .prepare("SELECT sequence, at, status, body FROM received ORDER BY sequence")
        .all() as unknown as ReceivedEvent[],
    clockOffset: () => Number(database.prepare("SELECT offset FROM clock").get()?.offset ?? 0),
    setClockOffset: (ms) => {
      database
        .prepare(
          "INSERT INTO clock (id, offset) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET offset = excluded.offset",
        )
        .run(ms);
    },
    close: () => {
      database.close();
    },
  };
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** An id as PagerDuty's: P and six letters or digits. */
export function newId(): string {
  return `P${Array.from({ length: 6 }, () => idLetters[randomInt(idLetters.length)]).join("")}`;
}

/** 32 hexadecimal digits, as PagerDuty's routing and deduplication keys. */
export function newKey(): string {
  return randomBytes(16).toString("hex");
}
