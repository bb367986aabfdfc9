import { existsSync, statSync, watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
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
  if (!existsSync(file)) return;
  // Kept open: the last lines can be read even when the pod's files are deleted meanwhile.
  let handle = await open(file);
  let changes: Changes | undefined;
  try {
    let offset = 0;
    const before: string[] = [];
    const finished = ended();
    for await (const line of lines(handle)) {
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
    changes = new Changes(file, signal);
    while (left > 0 && !signal.aborted) {
      // In this order: what was written before the end is read after it is known.
      const next = inodeOf(file);
      const over = next === undefined || ended();
      const added = await readFrom(handle, offset);
      const whole = added.slice(0, added.lastIndexOf("\n") + 1);
      offset += Buffer.byteLength(whole);
      for (const line of whole.split("\n")) {
        const text = line === "" ? undefined : shown(line, options);
        if (text !== undefined) yield cut(text);
      }
      if (next !== undefined && next !== (await handle.stat()).ino) {
        // The shim goes on in a new file.
        await handle.close();
        handle = await open(file);
        offset = 0;
      } else if (over) return;
      else if (whole === "") await changes.next();
    }
  } finally {
    changes?.close();
    await handle.close();
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

async function* lines(handle: FileHandle): AsyncGenerator<string> {
  // Up to its length now: a last line that is being written is left for later.
  const { size } = await handle.stat();
  if (size === 0) return;
  const input = handle.createReadStream({ start: 0, end: size - 1, autoClose: false });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) yield line;
}

async function readFrom(handle: FileHandle, offset: number): Promise<string> {
  const length = (await handle.stat()).size - offset;
  if (length <= 0) return "";
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead).toString();
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
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
