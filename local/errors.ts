export interface LocalErrorOptions {
  /** What the person who reads it should do next. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * Raised when something on this machine stands in the way (a tool, a port, a process, a file):
 * `message` says what and why, `remedy` says what to do next.
 */
export class LocalError extends Error {
  readonly remedy: string;

  constructor(message: string, options: LocalErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.remedy = options.remedy;
  }

  /** The message with the way out on a line of its own, as shown to a person. */
  explain(): string {
    return `${this.message}\n  What to do: ${this.remedy}`;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
