import { pino, type Logger } from "pino";
import pretty from "pino-pretty";
import { redact } from "../aleo/keys.ts";
import { AleoError } from "../aleo/errors.ts";

export type { Logger };

/** JSON lines on standard output, readable lines on a terminal. Keys are blotted out wherever they stand. */
export function createLog(stream: NodeJS.WriteStream = process.stdout): Logger {
  const options = {
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (level: string) => ({ level }) },
    hooks: { streamWrite: redact },
  };
  return stream.isTTY
    ? pino(options, pretty({ colorize: true, translateTime: "SYS:HH:MM:ss", sync: true }))
    : pino(options, stream);
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
