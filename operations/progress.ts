/** A line on a terminal that tells how far a run is; nothing where nobody looks. */
interface Progress {
  /** Takes the place of what was shown before. */
  show(text: string): void;
  /** Takes the line away. */
  end(): void;
}

const shownEveryMs = 100;

/** Runs work that tells how far it is, and takes the line away when it ends, however that is. */
export async function withProgress<Result>(
  work: (show: (text: string) => void) => Promise<Result>,
): Promise<Result> {
  const line = progress();
  try {
    return await work((text) => {
      line.show(text);
    });
  } finally {
    line.end();
  }
}

/** A line that stays, also where nobody looks at a terminal: what a log must tell of a run that is killed. */
export function notice(text: string, stream: NodeJS.WriteStream = process.stderr): void {
  stream.write(`${stream.isTTY ? "\r\x1b[2K" : ""}! ${text}\n`);
}

function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let shownAt = 0;
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  return {
    show: (text) => {
      if (Date.now() - shownAt < shownEveryMs) return;
      shownAt = Date.now();
      stream.write(`\r\x1b[2K${text.slice(0, stream.columns - 1)}`);
    },
    end: () => {
      stream.write("\r\x1b[2K");
    },
  };
}
