import { multistream, pino, type Logger } from "pino";
import { AleoError } from "../aleo/errors.ts";
import { openLogFile } from "./log-file.ts";
import { redactor } from "./redact.ts";

export type { Logger };

export interface LogOptions {
  /** A file that gets each line as JSON as well; see `openLogFile`. */
  readonly file?: string | undefined;
  /** What must not be in a line; whatever looks like a key or a token is blotted out besides. */
  readonly secrets: readonly string[];
}

/**
 * JSON lines on standard output, readable lines on a terminal.
 * @throws MonitorSettingError for a log file that can't be written
 */
export async function createLog(
  { file, secrets }: LogOptions,
  stream: NodeJS.WriteStream = process.stdout,
): Promise<Logger> {
  const options = {
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (level: string) => ({ level }) },
    hooks: { streamWrite: redactor(secrets) },
  };
  const shown = stream.isTTY ? await readable(stream) : stream;
  if (file === undefined) return pino(options, shown);
  // pino names levels by number to its streams; here none is left out of either.
  const level = "trace" as const;
  const streams = [
    { level, stream: shown },
    { level, stream: await openLogFile(file) },
  ];
  return pino(options, multistream(streams));
}

async function readable(destination: NodeJS.WriteStream) {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ destination, colorize: true, translateTime: "SYS:HH:MM:ss", sync: true });
}

/** What a log line tells of an error: the message and the way out; where it has none, the stack. */
export function told(error: unknown): Record<string, unknown> {
  if (error instanceof AleoError) {
    const { cause } = error;
    return {
      problem: error.message,
      remedy: error.remedy,
      ...(cause instanceof Error ? { cause: cause.message } : {}),
    };
  }
  return error instanceof Error
    ? { problem: error.message, stack: error.stack }
    : { problem: String(error) };
}
