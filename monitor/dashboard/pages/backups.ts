import { html } from "ghtml";
import { type BackupReading, probeName } from "../../watch/probe.ts";
import type { Moment } from "../sources.ts";
import { when } from "../words.ts";
import { alertList, empty } from "./parts.ts";

const kinds = ["backup-age", "restore-age"];

/** Whether what is on chain could be restored. */
export function backupsPage(moment: Moment): string {
  const { open, rules, store, status, now } = moment;
  const about = new Set(
    rules()
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ id }) => id),
  );
  const alerts = open.filter(({ rule }) => about.has(rule));
  const reading = store.probes.get(probeName({ kind: "backups" }));
  return html`<h1>Backups</h1>
    !${alerts.length === 0 ? "" : alertList(alerts, now)}
    !${
      reading?.value === undefined
        ? nothing(about.size)
        : html`!${programs(JSON.parse(reading.value) as BackupReading, status.programs, now)}
            <p class="quiet">
              The store was read !${when(reading.readAt, now)}.
              !${reading.problem === undefined ? "" : html`It could not be read since: ${reading.problem}`}
            </p>`
    }
    <section aria-labelledby="by-hand-title">
      <h2 id="by-hand-title">By hand</h2>
      <dl class="commands">
        <div>
          <dt>Make one now</dt>
          <dd><code>aleo-ops backup --all</code></dd>
        </div>
        <div>
          <dt>Read the newest ones, to the last byte</dt>
          <dd><code>aleo-ops backups verify --newest --read-data</code></dd>
        </div>
        <div>
          <dt>Restore</dt>
          <dd><code>aleo-ops restore --help</code></dd>
        </div>
      </dl>
    </section>`;
}

function nothing(rules: number): string {
  return rules === 0
    ? empty(
        "No rule looks at backups.",
        "Add one of the kind backup-age and one of the kind restore-age to the file of rules.",
      )
    : empty(
        "The backups were not read yet, or it is not known where they are.",
        "Set BACKUP_STORE for the monitor, or backups in the stack's file.",
      );
}

function programs(reading: BackupReading, watched: readonly string[], now: number): string {
  const time = (text: string | undefined) =>
    text === undefined ? html`<strong class="never">never</strong>` : when(Date.parse(text), now);
  return html`<ul class="lights">
    !${watched.map((program) => {
      const { newest, verified } = reading[program] ?? { newest: undefined, verified: undefined };
      return html`<li class="light">
        <h2><a href="/programs/${program}">${program}</a></h2>
        <dl class="pairs">
          <div>
            <dt>Last good backup</dt>
            <dd>!${time(newest)}</dd>
          </div>
          <div>
            <dt>Last verified restore</dt>
            <dd>!${time(verified)}</dd>
          </div>
        </dl>
      </li>`;
    })}
  </ul>`;
}
