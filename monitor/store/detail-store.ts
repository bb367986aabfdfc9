import type { AbortedPart, Change, Movement, ObservedBlock } from "../chain/observe.ts";
import type { Span } from "./span.ts";
import type { Database, Row } from "./database.ts";

/** An edition or amendment of a program, as its deployment made it. */
export interface SeenDeployment {
  readonly id: string;
  readonly height: number;
  /** In ms since 1970. */
  readonly time: number;
  readonly status: string;
  readonly edition: number;
  readonly owner: string | undefined;
  readonly isAmendment: boolean;
  /** Microcredits. */
  readonly fee: number;
}

/** A mapping entry that a transaction set or removed. */
export interface SeenChange {
  /** Undefined where it is none of the watched programs' nor of credits.aleo's. */
  readonly program: string | undefined;
  readonly mapping: string | undefined;
  readonly mappingId: string;
  readonly keyId: string;
  readonly isRemoved: boolean;
}

export interface SeenMovement {
  readonly height: number;
  readonly direction: Movement["direction"];
  /** Undefined for a private record. */
  readonly other: string | undefined;
  readonly microcredits: number;
}

/** An account that got credits out of a program. */
export interface Recipient {
  readonly program: string;
  /** Undefined for private records. */
  readonly account: string | undefined;
  readonly times: number;
  readonly microcredits: number;
}

export interface AbortedTransaction {
  readonly id: string;
  readonly height: number;
  readonly time: number;
  /** Whether a node was asked what it was. */
  readonly isAsked: boolean;
  /** What it would have called, where a node told. */
  readonly parts: readonly AbortedPart[];
}

/** How often the entries of one mapping were changed. */
export interface MappingChanges {
  readonly program: string | undefined;
  readonly mapping: string | undefined;
  readonly mappingId: string;
  readonly set: number;
  readonly removed: number;
  /** How many different entries these were. */
  readonly entries: number;
}

/** What the watched programs' transactions did, one by one, and the aborted ones of all programs. */
export class DetailStore {
  readonly #database: Database;
  readonly #mappings = new Map<string, number>();
  #undone = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Inside `atomically`. */
  add({ height, time, watched, aborted }: ObservedBlock): void {
    let last = -1;
    for (const { position, program, changes, movements } of watched) {
      // What a transaction changed is the same for each of its programs.
      if (position !== last) this.#addChanges(height, position, changes);
      last = position;
      for (const [number, { direction, other = null, microcredits }] of movements.entries()) {
        this.#database.run(
          `INSERT INTO movements
           VALUES (:height, :position, :program, :number, :direction, :other, :microcredits)`,
          { height, position, program, number, direction, other, microcredits },
        );
      }
    }
    for (const id of aborted) {
      this.#database.run("INSERT OR IGNORE INTO aborted VALUES (:id, :height, :time, 0)", {
        ...{ id, height, time },
      });
    }
  }

  #addChanges(height: number, position: number, changes: readonly Change[]): void {
    for (const [number, { mappingId, keyId, isRemoved }] of changes.entries()) {
      this.#database.run(
        "INSERT INTO changes VALUES (:height, :position, :number, :mapping, :key, :isRemoved)",
        {
          ...{ height, position, number, mapping: this.#mappingNumber(mappingId) },
          key: packed(keyId),
          isRemoved: isRemoved ? 1 : 0,
        },
      );
    }
  }

  #mappingNumber(mappingId: string): number {
    const { undone } = this.#database;
    if (undone !== this.#undone) this.#mappings.clear();
    this.#undone = undone;
    const known = this.#mappings.get(mappingId);
    if (known !== undefined) return known;
    this.#database.run("INSERT OR IGNORE INTO mappings (mapping_id) VALUES (:mappingId)", {
      mappingId,
    });
    const row = this.#database.get("SELECT number FROM mappings WHERE mapping_id = :mappingId", {
      mappingId,
    });
    const number = Number(row?.number);
    this.#mappings.set(mappingId, number);
    return number;
  }

  /** Keeps which mapping an id means. */
  nameMapping(mappingId: string, program: string, name: string): void {
    this.#database.run(
      `INSERT INTO mappings (mapping_id, program, name) VALUES (:mappingId, :program, :name)
       ON CONFLICT (mapping_id) DO UPDATE SET program = :program, name = :name`,
      { mappingId, program, name },
    );
  }

  /** `program.aleo/name` of each mapping whose id is known. */
  namedMappings(): string[] {
    return this.#database
      .all("SELECT program, name FROM mappings WHERE name IS NOT NULL")
      .map(({ program, name }) => `${String(program)}/${String(name)}`);
  }

  /** How many mappings were changed of which the id alone is known. */
  namelessMappings(): number {
    const row = this.#database.get("SELECT count(*) AS count FROM mappings WHERE name IS NULL");
    return Number(row?.count);
  }

  /** The editions of a program that were seen to be deployed, and refused ones, the newest first. */
  deployments(program: string): SeenDeployment[] {
    return this.#database
      .all(
        `SELECT id, height, time, status, edition, owner, is_amendment, fee FROM transactions
         WHERE program = :program AND kind = 'deploy' ORDER BY height DESC, position DESC`,
        { program },
      )
      .map((row) => ({
        id: String(row.id),
        height: Number(row.height),
        time: Number(row.time),
        status: String(row.status),
        edition: Number(row.edition),
        owner: textOf(row.owner),
        isAmendment: row.is_amendment === 1,
        fee: Number(row.fee),
      }));
  }

  /** What a transaction changed, in its order; the id as it stands in its block. */
  changes(transaction: string): SeenChange[] {
    return this.#database
      .all(
        `SELECT mappings.program, name, mapping_id, key, is_removed
         FROM changes JOIN mappings ON mappings.number = changes.mapping
         WHERE (height, position) IN
           (SELECT height, position FROM transactions WHERE id = :transaction LIMIT 1)
         ORDER BY changes.number`,
        { transaction },
      )
      .map((row) => ({
        ...mappingOf(row),
        keyId: unpacked(row.key),
        isRemoved: row.is_removed === 1,
      }));
  }

  /** How often each mapping was changed by transactions of the watched programs, the most often first. */
  changedMappings(span: Span): MappingChanges[] {
    return this.#database
      .all(
        `SELECT program, name, mapping_id, count(*) - sum(is_removed) AS was_set,
           sum(is_removed) AS removed, count(DISTINCT key) AS entries
         FROM blocks JOIN changes USING (height) JOIN mappings ON mappings.number = changes.mapping
         WHERE time > :from AND time <= :to
         GROUP BY mapping ORDER BY count(*) DESC, mapping_id`,
        { ...span },
      )
      .map((row) => ({
        ...mappingOf(row),
        set: Number(row.was_set),
        removed: Number(row.removed),
        entries: Number(row.entries),
      }));
  }

  /** Credits into and out of a program, the newest first. */
  movements(program: string, limit: number): SeenMovement[] {
    return this.#database
      .all(
        `SELECT height, direction, other, microcredits FROM movements WHERE program = :program
         ORDER BY height DESC, position DESC, number DESC LIMIT :limit`,
        { program, limit },
      )
      .map((row) => ({
        height: Number(row.height),
        direction: row.direction as Movement["direction"],
        other: textOf(row.other),
        microcredits: Number(row.microcredits),
      }));
  }

  /** Who got credits out of the watched programs, those that got the most first. */
  recipients(span: Span, limit: number): Recipient[] {
    return this.#database
      .all(
        `SELECT program, other, count(*) AS times, sum(microcredits) AS microcredits
         FROM movements, (SELECT min(height) AS first, max(height) AS last FROM blocks
                          WHERE time > :from AND time <= :to)
         WHERE height BETWEEN first AND last AND direction = 'out'
         GROUP BY program, other ORDER BY sum(microcredits) DESC, other LIMIT :limit`,
        { ...span, limit },
      )
      .map((row) => ({
        program: String(row.program),
        account: textOf(row.other),
        times: Number(row.times),
        microcredits: Number(row.microcredits),
      }));
  }

  /** The newest aborted transactions of which no node was asked yet. */
  unaskedAborted(limit: number): string[] {
    return this.#database
      .all("SELECT id FROM aborted WHERE asked = 0 ORDER BY height DESC LIMIT :limit", { limit })
      .map(({ id }) => String(id));
  }

  /** Keeps what a node told of an aborted transaction; nothing where it does not know it. */
  tellAborted(id: string, parts: readonly AbortedPart[]): void {
    this.#database.atomically(() => {
      this.#database.run("UPDATE aborted SET asked = 1 WHERE id = :id", { id });
      for (const { program, function: name, payer = null } of parts) {
        this.#database.run(
          "INSERT OR IGNORE INTO aborted_parts VALUES (:id, :program, :name, :payer)",
          { id, program, name, payer },
        );
      }
    });
  }

  /** The aborted transactions within a time, the newest first. */
  aborted(span: Span): AbortedTransaction[] {
    const rows = this.#database.all(
      `SELECT id, height, time, asked, program, function, payer
       FROM aborted LEFT JOIN aborted_parts USING (id)
       WHERE time > :from AND time <= :to ORDER BY height DESC, id`,
      { ...span },
    );
    return [...Map.groupBy(rows, ({ id }) => String(id))].map(([id, [first = {}, ...others]]) => ({
      id,
      height: Number(first.height),
      time: Number(first.time),
      isAsked: first.asked === 1,
      parts: [first, ...others].flatMap((row) =>
        typeof row.program === "string"
          ? [{ program: row.program, function: String(row.function), payer: textOf(row.payer) }]
          : [],
      ),
    }));
  }

  forgetBefore(time: number): number {
    const height = Number(
      this.#database.get("SELECT max(height) AS height FROM blocks WHERE time < :time", { time })
        ?.height ?? -1,
    );
    const forget = (sql: string, parameters: Record<string, number>) =>
      this.#database.run(sql, parameters);
    return (
      forget("DELETE FROM changes WHERE height <= :height", { height }) +
      forget("DELETE FROM movements WHERE height <= :height", { height }) +
      forget("DELETE FROM aborted_parts WHERE id IN (SELECT id FROM aborted WHERE time < :time)", {
        time,
      }) +
      forget("DELETE FROM aborted WHERE time < :time", { time })
    );
  }
}

function mappingOf(row: Row): Pick<SeenChange, "program" | "mapping" | "mappingId"> {
  return {
    program: textOf(row.program),
    mapping: textOf(row.name),
    mappingId: String(row.mapping_id),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const fieldBytes = 32;

/** A field as the chain prints it, as 32 bytes. */
function packed(field: string): Buffer {
  const digits = BigInt(field.replace(/field$/, "")).toString(16);
  return Buffer.from(digits.padStart(2 * fieldBytes, "0"), "hex");
}

function unpacked(bytes: unknown): string {
  return bytes instanceof Uint8Array
    ? `${BigInt(`0x${Buffer.from(bytes).toString("hex")}`)}field`
    : "";
}
