/** A transaction of which this process does not know yet what became of it. */
interface UnderWay {
  readonly id: string;
  /** What it does, for people. */
  readonly purpose: string;
}

const entries = new Map<string, UnderWay>();
let tell: () => void = () => undefined;

/** Those that this process has noted in a journal and may have sent, or waits for. */
export function transactionsUnderWay(): readonly UnderWay[] {
  return [...entries.values()];
}

/** @param listener called when one is added or its outcome is known */
export function watchUnderWay(listener: () => void): void {
  tell = listener;
}

/** @param place where it is noted: there is one at a time */
export function nowUnderWay(place: string, { id, purpose }: UnderWay): void {
  entries.set(place, { id, purpose });
  tell();
}

export function noMoreUnderWay(place: string): void {
  if (entries.delete(place)) tell();
}
