import { createReadStream, existsSync, statSync, watch } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";

/** What `kubectl logs` can ask for. */
export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** The last lines only. */
  readonly tailLines: number | undefined;
  /** Only lines that are not older, in ms since 1970. */
  readonly since: number | undefined;
  readonly limitBytes: number | undefined;
}

/** How often a log that is followed is read even where the system tells of no change. */
const lookMs = 1_000;

/**
 * The lines of a container's log as they were written, without what the shim notes beside each
 * unless `timestamps` are wanted. With `follow` it goes on until `ended` says that nothing more will
 * come, or `signal` aborts.
 */
export async function* readLog(
  file: string,
  options: LogOptions,
  ended: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { follow, tailLines, limitBytes = Infinity } = options;
  let left = limitBytes;
  const cut = (text: string): string => {
    const bytes = Buffer.from(text).subarray(0, left);
    left -= bytes.length;
    return bytes.toString();
  };
  let offset = 0;
  let inode = existsSync(file) ? statSync(file).ino : 0;
  const before: string[] = [];
  const finished = ended();
  for await (const line of lines(file)) {
    offset += Buffer.byteLength(line) + 1;
    const text = shown(line, options);
    if (text === undefined) continue;
    if (tailLines === undefined) yield cut(text);
    else {
      before.push(text);
      if (before.length > tailLines) before.shift();
    }
    if (left <= 0) return;
  }
  for (const text of before) yield cut(text);
  if (!follow || finished) return;
  const changes = new Changes(file, signal);
  try {
    while (left > 0 && !signal.aborted) {
      const over = ended();
      const current = existsSync(file) ? statSync(file).ino : inode;
      if (current !== inode) {
        // The shim goes on in a new file.
        inode = current;
        offset = 0;
      }
      const added = await readFrom(file, offset);
      const whole = added.slice(0, added.lastIndexOf("\n") + 1);
      offset += Buffer.byteLength(whole);
      for (const line of whole.split("\n")) {
        const text = line === "" ? undefined : shown(line, options);
        if (text !== undefined) yield cut(text);
      }
      if (over) return;
      if (whole === "") await changes.next();
    }
  } finally {
    changes.close();
  }
}

/** `<time> <stream> <F, or P for a part of a line> <text>`; undefined for a line that is too old. */
function shown(line: string, { timestamps, since }: LogOptions): string | undefined {
  const parts = /^(\S+) \S+ ([FP]) (.*)$/s.exec(line);
  if (parts === null) return undefined;
  const [, time = "", tag, text = ""] = parts;
  if (since !== undefined && Date.parse(time) < since) return undefined;
  return `${timestamps ? `${time} ` : ""}${text}${tag === "F" ? "\n" : ""}`;
}

async function* lines(file: string): AsyncGenerator<string> {
  if (!existsSync(file)) return;
  // Up to its length now: a last line that is being written is left for later.
  const end = statSync(file).size;
  if (end === 0) return;
  const input = createReadStream(file, { end: end - 1 });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) yield line;
}

async function readFrom(file: string, offset: number): Promise<string> {
  if (!existsSync(file)) return "";
  const handle = await open(file);
  try {
    const length = (await handle.stat()).size - offset;
    if (length <= 0) return "";
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await handle.close();
  }
}

/** Tells that something has changed in the directory of a log. */
class Changes {
  readonly #watcher: ReturnType<typeof watch>;
  readonly #timer: NodeJS.Timeout;
  #wake: () => void = () => undefined;
  #pending = false;

  constructor(file: string, signal: AbortSignal) {
    const changed = () => {
      this.#pending = true;
      this.#wake();
    };
    this.#watcher = watch(file.slice(0, file.lastIndexOf("/")), changed);
    this.#watcher.on("error", () => undefined);
    this.#timer = setInterval(changed, lookMs);
    signal.addEventListener("abort", changed);
  }

  async next(): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#pending = false;
  }

  close(): void {
    this.#watcher.close();
    clearInterval(this.#timer);
  }
}
