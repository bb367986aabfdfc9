import { transactionsUnderWay, watchUnderWay } from "../aleo/transaction/under-way.ts";

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof signals;

/**
 * Whoever ends a run while a transaction of it may still land is told so. Only then are signals
 * heeded: else they end the process as ever, also while a proof keeps it from heeding anything.
 */
export function tellWhenInterrupted(): void {
  let isHeeding = false;
  watchUnderWay(() => {
    const isNeeded = transactionsUnderWay().length > 0;
    if (isNeeded === isHeeding) return;
    isHeeding = isNeeded;
    for (const signal of Object.keys(signals) as Signal[]) {
      if (isNeeded) process.on(signal, stop);
      else process.removeListener(signal, stop);
    }
  });
}

function stop(signal: Signal): void {
  process.stderr.write(`\n${stoppedText()}\n`);
  process.exit(signals[signal]);
}

function stoppedText(): string {
  const lines = transactionsUnderWay().map(
    ({ id, purpose }) => `stopped: ${id} (${purpose}) may still land.`,
  );
  const next =
    "  What to do: Run the same line again, on this machine: it looks first what became of it.";
  return [...lines, next].join("\n");
}
