import type { OpenState } from "../alert/lifecycle.ts";
import type { Notified } from "../alert/notices.ts";
import type { Severity } from "../alert/severity.ts";
import type { Database, Row } from "./database.ts";

type AlertStatus = OpenState["status"] | "resolved";

export interface Alert {
  readonly id: number;
  readonly rule: string;
  /** The program, endpoint or account that it is about. */
  readonly subject: string;
  readonly severity: Severity;
  readonly status: AlertStatus;
  /** Undefined before it has fired. */
  readonly dedupKey: string | undefined;
  /** Times are ms since 1970. */
  readonly since: number;
  readonly firedAt: number | undefined;
  readonly goodSince: number | undefined;
  readonly resolvedAt: number | undefined;
  readonly returns: number;
  /** Height up to which the chain was read when it began or fired. */
  readonly height: number;
  readonly summary: string;
  readonly value: string;
  readonly runbook: string | undefined;
  readonly notified: Notified;
  readonly acknowledgedBy: string | undefined;
}

export interface Silence {
  readonly id: number;
  readonly rule: string;
  /** Undefined: whatever the rule is about. */
  readonly subject: string | undefined;
  readonly reason: string;
  readonly endsAt: number;
}

export interface HistoryEntry {
  readonly time: number;
  readonly what: string;
  readonly detail: string;
}

export type NewAlert = Omit<
  Alert,
  "id" | "resolvedAt" | "notified" | "acknowledgedBy" | "goodSince" | "returns"
>;

/** Alerts with their history, and silences. */
export class AlertStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  open(): Alert[] {
    return this.#database.all("SELECT * FROM alerts WHERE status <> 'resolved'").map(alertOf);
  }

  /** Alerts that stand otherwise than their receivers were told. */
  untold(): Alert[] {
    return this.#database
      .all(
        `SELECT * FROM alerts WHERE
           (status IN ('firing', 'acknowledged') AND notified = 'nothing') OR
           (status = 'acknowledged' AND notified = 'trigger') OR
           (status = 'resolved' AND notified IN ('trigger', 'acknowledge'))`,
      )
      .map(alertOf);
  }

  get(id: number): Alert | undefined {
    const row = this.#database.get("SELECT * FROM alerts WHERE id = :id", { id });
    return row === undefined ? undefined : alertOf(row);
  }

  /** Alerts that had fired and were open at some time after `from`, the newest first. */
  since(from: number): Alert[] {
    return this.#database
      .all(
        `SELECT * FROM alerts WHERE fired_at IS NOT NULL
           AND (resolved_at IS NULL OR resolved_at > :from) ORDER BY fired_at DESC, id DESC`,
        { from },
      )
      .map(alertOf);
  }

  add(alert: NewAlert): number {
    const row = this.#database.get(
      `INSERT INTO alerts (rule, subject, severity, status, dedup_key, since, fired_at, height,
         summary, value, runbook)
       VALUES (:rule, :subject, :severity, :status, :dedupKey, :since, :firedAt, :height,
         :summary, :value, :runbook) RETURNING id`,
      {
        ...alert,
        dedupKey: alert.dedupKey ?? null,
        firedAt: alert.firedAt ?? null,
        runbook: alert.runbook ?? null,
      },
    );
    return Number(row?.id);
  }

  fire(
    id: number,
    found: Pick<Alert, "summary" | "value" | "height" | "severity"> & {
      readonly dedupKey: string;
      readonly firedAt: number;
    },
  ): void {
    this.#database.run(
      `UPDATE alerts SET status = 'firing', dedup_key = :dedupKey, fired_at = :firedAt,
         height = :height, summary = :summary, value = :value, severity = :severity
       WHERE id = :id`,
      { id, ...found },
    );
  }

  keep(id: number, { goodSince, returns }: OpenState): void {
    this.#database.run(
      "UPDATE alerts SET good_since = :goodSince, returns = :returns WHERE id = :id",
      { id, goodSince: goodSince ?? null, returns },
    );
  }

  drop(id: number): void {
    this.#database.run("DELETE FROM alerts WHERE id = :id AND status = 'pending'", { id });
  }

  resolve(id: number, resolvedAt: number): void {
    this.#database.run(
      "UPDATE alerts SET status = 'resolved', resolved_at = :resolvedAt WHERE id = :id",
      { id, resolvedAt },
    );
  }

  /** @returns false where it is not firing */
  acknowledge(id: number, by: string): boolean {
    return (
      this.#database.run(
        "UPDATE alerts SET status = 'acknowledged', acknowledged_by = :by WHERE id = :id AND status = 'firing'",
        { id, by },
      ) === 1
    );
  }

  setNotified(id: number, notified: Notified): void {
    this.#database.run("UPDATE alerts SET notified = :notified WHERE id = :id", { id, notified });
  }

  record(alert: number, time: number, what: string, detail: string): void {
    this.#database.run(
      "INSERT INTO alert_history (alert, time, what, detail) VALUES (:alert, :time, :what, :detail)",
      { alert, time, what, detail },
    );
  }

  history(alert: number): HistoryEntry[] {
    return this.#database
      .all("SELECT time, what, detail FROM alert_history WHERE alert = :alert ORDER BY id", {
        alert,
      })
      .map((row) => ({
        time: Number(row.time),
        what: String(row.what),
        detail: String(row.detail),
      }));
  }

  silence(silence: Omit<Silence, "id">, now: number): number {
    const row = this.#database.get(
      `INSERT INTO silences (rule, subject, reason, made_at, ends_at)
       VALUES (:rule, :subject, :reason, :now, :endsAt) RETURNING id`,
      { ...silence, subject: silence.subject ?? null, now },
    );
    return Number(row?.id);
  }

  /** @returns false where there is none that still holds */
  endSilence(id: number, now: number): boolean {
    return (
      this.#database.run("UPDATE silences SET ends_at = :now WHERE id = :id AND ends_at > :now", {
        id,
        now,
      }) === 1
    );
  }

  /** The silences that hold at a time. */
  silences(now: number): Silence[] {
    return this.#database
      .all("SELECT * FROM silences WHERE ends_at > :now ORDER BY id", { now })
      .map((row) => ({
        id: Number(row.id),
        rule: String(row.rule),
        subject: textOrNothing(row.subject),
        reason: String(row.reason),
        endsAt: Number(row.ends_at),
      }));
  }

  /** Forgets resolved alerts that are older. */
  forgetBefore(time: number): number {
    this.#database.run(
      `DELETE FROM alert_history WHERE alert IN
         (SELECT id FROM alerts WHERE status = 'resolved' AND resolved_at < :time)`,
      { time },
    );
    return this.#database.run(
      "DELETE FROM alerts WHERE status = 'resolved' AND resolved_at < :time",
      { time },
    );
  }
}

function alertOf(row: Row): Alert {
  return {
    id: Number(row.id),
    rule: String(row.rule),
    subject: String(row.subject),
    severity: row.severity as Severity,
    status: row.status as AlertStatus,
    dedupKey: textOrNothing(row.dedup_key),
    since: Number(row.since),
    firedAt: numberOrNothing(row.fired_at),
    goodSince: numberOrNothing(row.good_since),
    resolvedAt: numberOrNothing(row.resolved_at),
    returns: Number(row.returns),
    height: Number(row.height),
    summary: String(row.summary),
    value: String(row.value),
    runbook: textOrNothing(row.runbook),
    notified: row.notified as Notified,
    acknowledgedBy: textOrNothing(row.acknowledged_by),
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function numberOrNothing(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
