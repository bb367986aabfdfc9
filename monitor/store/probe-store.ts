import type { Database } from "./database.ts";

/** A value of the network outside its blocks, as it was last read. */
export interface Reading {
  /** Undefined where there is no such thing, as for a mapping without the entry. */
  readonly value: string | undefined;
  readonly height: number;
  /** When it was last read and when it last changed, in ms. */
  readonly readAt: number;
  readonly changedAt: number;
  /** Why it could not be read since; the value is the one before. */
  readonly problem: string | undefined;
}

export class ProbeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(name: string): Reading | undefined {
    const row = this.#database.get("SELECT * FROM probes WHERE name = :name", { name });
    return row === undefined
      ? undefined
      : {
          value: typeof row.value === "string" ? row.value : undefined,
          height: Number(row.height),
          readAt: Number(row.read_at),
          changedAt: Number(row.changed_at),
          problem: typeof row.problem === "string" ? row.problem : undefined,
        };
  }

  set(name: string, value: string | undefined, height: number, now: number): void {
    this.#database.run(
      `INSERT INTO probes VALUES (:name, :value, :height, :now, :now, NULL)
       ON CONFLICT (name) DO UPDATE SET
         changed_at = CASE WHEN value IS :value THEN changed_at ELSE :now END,
         value = :value, height = :height, read_at = :now, problem = NULL`,
      { name, value: value ?? null, height, now },
    );
  }

  fail(name: string, problem: string): void {
    this.#database.run("UPDATE probes SET problem = :problem WHERE name = :name", {
      name,
      problem,
    });
  }

  /** A fact that stays, such as a program's address or the edition that is expected. */
  fact(name: string): string | undefined {
    const row = this.#database.get("SELECT value FROM facts WHERE name = :name", { name });
    return row === undefined ? undefined : String(row.value);
  }

  setFact(name: string, value: string): void {
    this.#database.run(
      "INSERT INTO facts VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value",
      { name, value },
    );
  }
}
