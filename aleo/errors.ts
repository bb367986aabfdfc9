export interface AleoErrorOptions {
  /** What the person who reads it should do next. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/**
 * Base of every error that this project raises about the chain: `message` says what happened, to
 * what and why; `remedy` says what to do next.
 */
export class AleoError extends Error {
  readonly remedy: string;

  constructor(message: string, options: AleoErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.remedy = options.remedy;
  }

  /** The message with the way out on a line of its own, as shown to a person. */
  explain(): string {
    return `${this.message}\n  What to do: ${this.remedy}`;
  }
}
