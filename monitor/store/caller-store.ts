import type { Span } from "./span.ts";
import type { Database } from "./database.ts";

/** How many calls that are out of the window may be remembered before they are forgotten. */
const mostOutside = 20_000;

interface Caller {
  readonly address: string;
  calls: number;
}

/** The calls of a program around a window that moves on, as far as they were asked for. */
interface Window {
  readonly times: number[];
  readonly callers: Caller[];
  readonly byAddress: Map<string, Caller>;
  /** Nothing before this time is known. */
  readonly since: number;
  /** The block up to which calls were read. */
  height: number;
  /** The calls that are counted: from `first` up to but without `end`. */
  first: number;
  end: number;
  /** The database's `undone` when it was begun. */
  readonly undone: number;
}

/** Who calls a program most often, over a window that is counted on from one time to the next. */
export class CallerStore {
  readonly #database: Database;
  readonly #windows = new Map<string, Window>();

  constructor(database: Database) {
    this.#database = database;
  }

  busiest(program: string, span: Span): { payer: string; calls: number } | undefined {
    const window = this.#window(program, span);
    this.#read(program, window, span.to);
    move(window, span);
    let busiest: Caller | undefined;
    for (const caller of window.byAddress.values()) {
      if (caller.calls === 0 || caller.calls < (busiest?.calls ?? 0)) continue;
      const isFirst =
        caller.calls > (busiest?.calls ?? 0) || caller.address < (busiest?.address ?? "");
      if (isFirst) busiest = caller;
    }
    return busiest === undefined ? undefined : { payer: busiest.address, calls: busiest.calls };
  }

  /** To be called when transactions were deleted. */
  forget(): void {
    this.#windows.clear();
  }

  #window(program: string, { from, to }: Span): Window {
    const name = `${program} ${to - from}`;
    const known = this.#windows.get(name);
    const { undone } = this.#database;
    if (
      known?.undone === undone &&
      from >= known.since &&
      known.times.length - (known.end - known.first) < mostOutside
    ) {
      return known;
    }
    const window = {
      ...{ times: [], callers: [], byAddress: new Map<string, Caller>() },
      ...{ since: from, height: -1, first: 0, end: 0, undone },
    };
    this.#windows.set(name, window);
    return window;
  }

  /** Adds the calls that have come since it was read last. */
  #read(program: string, window: Window, to: number): void {
    const rows = this.#database.all(
      `SELECT time, height, payer FROM transactions
       WHERE program = :program AND time > :after AND time <= :to AND height > :height
         AND kind = 'execute' AND payer IS NOT NULL
       ORDER BY time, height`,
      {
        ...{ program, to, height: window.height },
        after: Math.max(window.since, (window.times.at(-1) ?? 0) - 1),
      },
    );
    for (const { time, height, payer } of rows) {
      const address = String(payer);
      let caller = window.byAddress.get(address);
      if (caller === undefined) {
        caller = { address, calls: 0 };
        window.byAddress.set(address, caller);
      }
      window.times.push(Number(time));
      window.callers.push(caller);
      window.height = Number(height);
    }
  }
}

/** Counts calls that come into the window before those that leave it. */
function move(window: Window, { from, to }: Span): void {
  const timeAt = (index: number) => window.times[index] ?? 0;
  while (window.first > 0 && timeAt(window.first - 1) > from) count(window, --window.first, 1);
  while (window.end < window.times.length && timeAt(window.end) <= to) {
    count(window, window.end++, 1);
  }
  while (window.end > window.first && timeAt(window.end - 1) > to) count(window, --window.end, -1);
  while (window.first < window.end && timeAt(window.first) <= from) {
    count(window, window.first++, -1);
  }
}

function count({ callers }: Window, index: number, by: 1 | -1): void {
  const caller = callers[index];
  if (caller !== undefined) caller.calls += by;
}
