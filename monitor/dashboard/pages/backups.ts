import { html } from "ghtml";
import { probeName } from "../../watch/probe.ts";
import { type BackupReading, type BackupTimes, readingOf } from "../../watch/readings.ts";
import type { Moment } from "../sources.ts";
import { formatBytes } from "../../text.ts";
import { count, when } from "../words.ts";
import { alertList, empty } from "./parts.ts";
import { table } from "./table.ts";

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
        : html`!${programs(readingOf("backups", reading.value), status.programs, now)}
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
          <dd>
            <code>aleo-ops restore --backup-id ID --contract PROGRAM --to PROGRAM --dry-run</code>
          </dd>
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
  const none: BackupTimes = {};
  const time = (text: string | null | undefined) =>
    text === undefined || text === null
      ? html`<strong class="never">never</strong>`
      : when(Date.parse(text), now);
  const all = watched
    .flatMap((program) => (reading[program]?.latest ?? []).map((one) => ({ program, ...one })))
    .toSorted((a, b) => b.begunAt.localeCompare(a.begunAt));
  return html`!${table(
      "Last backups of each program",
      ["Program", "Last good backup", "Last read and compared", "Last verified restore"],
      watched.map((program) => {
        const { newest, verified, restored } = reading[program] ?? none;
        return [linkTo(program), time(newest), time(verified), time(restored)];
      }),
    )}
    <section aria-labelledby="latest-title">
      <h2 id="latest-title">Latest backups</h2>
      !${
        all.length === 0
          ? empty("There is none.", "aleo-ops backup --all makes one of each program.")
          : table(
              "Latest backups",
              ["Begun", "Id", "Program", "State", "#Block", "#Entries", "#Size", "Verified"],
              all.map((one) => [
                when(Date.parse(one.begunAt), now),
                html`<code>${one.id}</code>`,
                linkTo(one.program),
                one.state === "good"
                  ? html`<span class="outcome"><span aria-hidden="true">✓</span> good</span> ${
                        one.reconstructed === true ? "reconstruction" : ""
                      }`
                  : html`<span class="outcome rejected"
                      ><span aria-hidden="true">✕</span> ${one.state}</span
                    >`,
                one.height === null ? "–" : count(one.height),
                one.entries === null ? "–" : count(one.entries),
                formatBytes(one.bytes),
                one.verifiedAt === null ? "not yet" : when(Date.parse(one.verifiedAt), now),
              ]),
            )
      }
    </section>`;
}

function linkTo(program: string): string {
  return html`<a href="/programs/${program}">${program}</a>`;
}
