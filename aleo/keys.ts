import { inspect } from "node:util";
import { AleoError } from "./errors.ts";

export class PrivateKeyError extends AleoError {}

const format = /^APrivateKey1[1-9A-HJ-NP-Za-km-z]{47}$/;

/**
 * A private key that does not show itself: printing, inspecting or serializing it gives a
 * placeholder. Only `reveal` returns the text, for the code that signs.
 */
export class PrivateKey {
  readonly #text: string;

  /** @throws PrivateKeyError where the text has not the form of an Aleo private key; the error does not repeat it. */
  constructor(text: string, source: string) {
    const trimmed = text.trim();
    if (!format.test(trimmed)) {
      throw new PrivateKeyError(
        `The private key in ${source} is not an Aleo private key: it must be "APrivateKey1" followed by 47 letters and digits (base 58); this one has ${trimmed.length} characters.`,
        { remedy: `Check the value of ${source}. It is not shown here.` },
      );
    }
    this.#text = trimmed;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[private key]";
  }

  toJSON(): string {
    return "[private key]";
  }

  [inspect.custom](): string {
    return "[private key]";
  }
}

/** Text with everything that looks like a private or a view key blotted out. */
export function redact(text: string): string {
  return text.replace(/A(?:PrivateKey1|ViewKey1)[0-9a-zA-Z]{8,}/g, "[key]");
}
