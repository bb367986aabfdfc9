import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { DatabaseError } from "../errors.ts";
import { schemaSteps, schemaVersion } from "./schema.ts";

export type Row = Record<string, unknown>;
type Parameters = Readonly<Record<string, SQLInputValue>>;

/** How long a write waits for another process, such as `aleo-ops alerts silence`, in ms. */
const busyMs = 5_000;

/** How much of a file is read when it is opened. */
export type Reading = "whole" | "what is asked";

/** One SQLite file. Every error is a DatabaseError that says which file, what and what to do. */
export class Database {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #undone = 0;

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
  }

  /**
   * Opens the file, or makes it with its folder, and brings an older one to today's form.
   * @param reading `whole` reads all of it first, to see that nothing is corrupt: 0.5 s for a month
   * @throws DatabaseError for a file that is corrupt, no database, or from a newer version
   */
  static open(path: string, reading: Reading): Database {
    return explained(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      const sqlite = new DatabaseSync(path, { timeout: busyMs });
      const database = new Database(path, sqlite);
      try {
        const version = Number(database.get("PRAGMA user_version")?.user_version);
        if (version > schemaVersion) throw newer(path, version);
        if (version > 0 && reading === "whole") database.#check();
        database.#prepare(version);
        return database;
      } catch (error) {
        sqlite.close();
        throw error;
      }
    });
  }

  /** Whether it goes with the process. */
  get isInMemory(): boolean {
    return this.path === ":memory:";
  }

  /** How often work was undone: what was learned from the tables before may be wrong since. */
  get undone(): number {
    return this.#undone;
  }

  run(sql: string, parameters: Parameters = {}): number {
    return explained(this.path, () => Number(this.#statement(sql).run(parameters).changes));
  }

  get(sql: string, parameters: Parameters = {}): Row | undefined {
    return explained(this.path, () => this.#statement(sql).get(parameters));
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return explained(this.path, () => this.#statement(sql).all(parameters));
  }

  /** Does all of the work or none of it, whatever happens to the process. */
  atomically<Result>(work: () => Result): Result {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      this.#undone += 1;
      // SQLite has rolled back by itself where the disk is full.
      if (this.#database.isTransaction) this.run("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #check(): void {
    const found = this.get("PRAGMA quick_check(1)")?.quick_check;
    if (found !== "ok") throw corrupt(this.path, String(found));
  }

  #prepare(version: number): void {
    this.get("PRAGMA journal_mode = WAL");
    this.run("PRAGMA synchronous = NORMAL");
    if (version === schemaVersion) return;
    this.atomically(() => {
      for (const step of schemaSteps.slice(version)) this.#database.exec(step);
      this.run(`PRAGMA user_version = ${schemaVersion}`);
    });
  }
}

function explained<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof DatabaseError ? error : databaseError(path, error);
  }
}

/** Primary result codes: https://www.sqlite.org/rescode.html */
function databaseError(path: string, error: unknown): DatabaseError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = isSqliteError(error) ? error.errcode & 0xff : undefined;
  switch (code) {
    case 13:
      return new DatabaseError(`The disk of ${path} is full: nothing was written.`, {
        remedy: "Make room. The monitor goes on where it was; nothing is lost.",
        cause: error,
      });
    case 8:
      return new DatabaseError(`${path} can't be written: it is read-only (${reason}).`, {
        remedy: "Give the monitor's user the right to write the file and its folder.",
        cause: error,
      });
    case 11:
    case 26:
      return corrupt(path, reason, error);
    case 5:
    case 6:
      return new DatabaseError(`Another process holds ${path} for more than ${busyMs / 1000} s.`, {
        remedy: "One monitor has one database: end the other one, or set MONITOR_DATABASE.",
        cause: error,
      });
    default:
      return new DatabaseError(`The monitor's database ${path} can't be used: ${reason}.`, {
        remedy:
          "Check that the path in MONITOR_DATABASE is right and that its folder can be written.",
        cause: error,
      });
  }
}

function corrupt(path: string, reason: string, cause?: unknown): DatabaseError {
  return new DatabaseError(`${path} is no whole SQLite database: ${reason}.`, {
    remedy:
      "Move the file away and start the monitor with --from-block at the last block that it reported.",
    cause,
  });
}

function newer(path: string, version: number): DatabaseError {
  return new DatabaseError(
    `${path} was written by a newer aleo-ops: it has version ${version}, this one knows ${schemaVersion}.`,
    { remedy: "Run the newer aleo-ops, or name another file in MONITOR_DATABASE." },
  );
}

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}
