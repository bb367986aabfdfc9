import { PassThrough } from "node:stream";
import { standing } from "./pages/frame.ts";
import { verdict } from "./pages/overview.ts";
import { transactionRow } from "./pages/parts.ts";
import type { SeenTransaction } from "../store/activity-store.ts";
import { doubt } from "./light.ts";
import { type Moment, momentOf, type Sources } from "./sources.ts";

/** How often it is looked for something new, while somebody watches, in ms. */
const lookMs = 1_000;
/** Something is said at least as often, in ms: proxies end a quiet connection, and pages take it for cut. */
const quietMs = 15_000;
/** A watcher who is this far behind is let go, in bytes: the browser comes back by itself. */
const mostBehind = 256 * 1024;
const mostWatchers = 50;
const rowsAtOnce = 50;

interface Watcher {
  readonly stream: PassThrough;
  /** Whose transactions it shows; undefined: of all programs. */
  readonly program: string | undefined;
}

/** Tells open pages of new transactions and of what has changed, by server-sent events. */
export class Live {
  readonly #sources: Sources;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #height = 0;
  #known = "";
  #toldAt = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /**
   * @param after height that the page has shown already; undefined: it is up to date
   * @returns undefined where too many are watching
   */
  join(program: string | undefined, after: number | undefined): PassThrough | undefined {
    if (this.#watchers.size >= mostWatchers) return undefined;
    const moment = momentOf(this.#sources);
    const stream = new PassThrough();
    const watcher: Watcher = { stream, program };
    if (this.#watchers.size === 0) {
      this.#height = heightOf(moment);
      this.#known = "";
      this.#timer = setInterval(() => {
        this.#look();
      }, lookMs);
    }
    this.#watchers.add(watcher);
    stream.once("close", () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) clearInterval(this.#timer);
    });
    stream.write("retry: 3000\n\n");
    stream.write(standingEvent(moment));
    if (after !== undefined && after < this.#height) {
      // What is newer comes with the next look.
      const missed = moment.activity
        .above(after, rowsAtOnce)
        .filter(({ height }) => height <= this.#height);
      stream.write(rowsEvent(missed, program, this.#height, moment.now));
    }
    return stream;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { stream } of this.#watchers) stream.destroy();
  }

  #look(): void {
    try {
      const moment = momentOf(this.#sources);
      const height = heightOf(moment);
      const texts: ((watcher: Watcher) => string)[] = [];
      if (height > this.#height) {
        const fresh = moment.activity.above(this.#height, rowsAtOnce);
        texts.push(({ program }) => rowsEvent(fresh, program, height, moment.now));
        this.#height = height;
      }
      const known = stateOf(moment);
      if (known !== this.#known) {
        const event = standingEvent(moment);
        texts.push(() => event);
        this.#known = known;
      }
      this.#tell(texts, moment.now);
    } catch {
      // A database that can't be read at the moment: the pages themselves say so.
    }
  }

  #tell(texts: readonly ((watcher: Watcher) => string)[], now: number): void {
    if (texts.length === 0 && now - this.#toldAt < quietMs) return;
    this.#toldAt = now;
    for (const watcher of this.#watchers) {
      const text = texts.map((textFor) => textFor(watcher)).join("");
      if (watcher.stream.writableLength > mostBehind) watcher.stream.destroy();
      else watcher.stream.write(text === "" ? event("here", {}) : text);
    }
  }
}

/** Changes with everything that the top of the overview shows, but not with the time. */
function stateOf(moment: Moment): string {
  const { open, status, store, now } = moment;
  const alerts = open.map(({ id, status: stands, severity, summary, goodSince }) => [
    ...[id, stands, severity, summary, goodSince ?? 0],
  ]);
  const silences = store.alerts.silences(now).length;
  return JSON.stringify([heightOf(moment), alerts, silences, doubt(status, now), status.rules]);
}

function standingEvent(moment: Moment): string {
  return event("standing", {
    standing: standing(moment),
    verdict: verdict(moment),
    alerts: String(moment.open.length),
  });
}

function rowsEvent(
  transactions: readonly SeenTransaction[],
  program: string | undefined,
  height: number,
  now: number,
): string {
  const shown = transactions.filter((one) => program === undefined || one.program === program);
  if (shown.length === 0) return `id: ${height}\ndata: \n\n`;
  return event("rows", { rows: shown.map((one) => transactionRow(one, now)).join("") }, height);
}

function event(name: string, data: Readonly<Record<string, string>>, id?: number): string {
  const known = id === undefined ? "" : `id: ${id}\n`;
  return `${known}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function heightOf({ store }: Moment): number {
  return store.chain.cursor()?.height ?? 0;
}
