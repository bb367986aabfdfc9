import { AleoError } from "../errors.ts";

/** A program that snarkVM's parser would refuse. `line` and `column` count from 1. */
export class ProgramSyntaxError extends AleoError {
  readonly line: number;
  readonly column: number;
  readonly reason: string;

  constructor(line: number, column: number, reason: string) {
    super(`The program does not parse: line ${line}, column ${column}: ${reason}.`, {
      remedy: `Correct the source at line ${line}, or compile it again from its Leo source.`,
    });
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}

/** A piece of the source for a message, cut where it is long. */
export function clip(text: string): string {
  return text.length > 70 ? `${text.slice(0, 67)}…` : text;
}

const identifierPattern = /[A-Za-z][A-Za-z0-9_]*/y;

/**
 * A cursor over a program's text. snarkVM's grammar has no tokens: keywords need no space behind
 * them, and alternatives are tried in order. So each method either moves the cursor past what it
 * read, or leaves it and remembers what it expected; the farthest such place is what is reported.
 */
export class Reader {
  readonly text: string;
  position = 0;
  private farthest = 0;
  private readonly expected = new Set<string>();
  private problem: string | null = null;
  private lineStarts: number[] | null = null;
  private lastUnsupported: number | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** Remembers what was wanted here; keeps only the farthest place. */
  expect(what: string, position = this.position): null {
    if (this.reach(position)) this.expected.add(what);
    return null;
  }

  /** Like `expect`, for what can be read and still is refused, with the reason. */
  refuse(problem: string, position: number): null {
    if (this.reach(position)) this.problem = problem;
    return null;
  }

  private reach(position: number): boolean {
    if (position < this.farthest) return false;
    if (position > this.farthest) {
      this.farthest = position;
      this.expected.clear();
      this.problem = null;
    }
    return true;
  }

  /** The error at the farthest place that was reached. */
  failure(): ProgramSyntaxError {
    if (this.problem !== null) return this.errorAt(this.farthest, this.problem);
    const wanted = [...this.expected];
    const last = wanted.pop() ?? "the end of the program";
    const all = wanted.length === 0 ? last : `${wanted.join(", ")} or ${last}`;
    return this.errorAt(this.farthest, `expected ${all}, found ${this.glimpse(this.farthest)}`);
  }

  errorAt(position: number, reason: string): ProgramSyntaxError {
    const line = this.lineAt(position);
    const column = position - (this.starts()[line - 1] ?? 0) + 1;
    return new ProgramSyntaxError(line, column, reason);
  }

  /** The error at the first character of a line that is not blank. */
  errorOnLine(line: number, reason: string): ProgramSyntaxError {
    const start = this.starts()[line - 1] ?? 0;
    const blanks = /[ \t]*/y;
    blanks.lastIndex = start;
    return this.errorAt(start + (blanks.exec(this.text)?.[0].length ?? 0), reason);
  }

  lineAt(position: number): number {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  private starts(): number[] {
    if (this.lineStarts === null) {
      this.lineStarts = [0];
      for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) {
        this.lineStarts.push(at + 1);
      }
    }
    return this.lineStarts;
  }

  private glimpse(position: number): string {
    if (position >= this.text.length) return "the end of the program";
    const word = /\S{1,24}|\s/y;
    word.lastIndex = position;
    return JSON.stringify(word.exec(this.text)?.[0] ?? "");
  }

  startsWith(word: string): boolean {
    return this.text.startsWith(word, this.position);
  }

  /** Reads `word` without remembering a failure. */
  take(word: string): boolean {
    if (!this.startsWith(word)) return false;
    this.position += word.length;
    return true;
  }

  /** Reads `word`. */
  tag(word: string): true | null {
    return this.take(word) ? true : this.expect(JSON.stringify(word));
  }

  /** Reads blanks, `word` and blanks. */
  word(word: string): true | null {
    this.blanks();
    if (this.tag(word) === null) return null;
    this.blanks();
    return true;
  }

  /** Reads what a sticky pattern matches. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.position += found.length;
    return found;
  }

  identifierText(): string | null {
    return this.match(identifierPattern);
  }

  /** Runs `read`; where it answers nothing, the cursor is back where it was. Nothing is `null`, everywhere here. */
  attempt<T>(read: () => T | null): T | null {
    const start = this.position;
    const result = read();
    if (result === null) this.position = start;
    return result;
  }

  /** Reads as often as `read` succeeds. */
  many<T>(read: () => T | null): T[] {
    const results: T[] = [];
    for (;;) {
      const result = this.attempt(read);
      if (result === null) return results;
      results.push(result);
    }
  }

  /** Reads white space, and a backslash at the end of a line (`Sanitizer::parse_whitespaces`). */
  blanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code === 32 || code === 9 || code === 10 || code === 13) this.position += 1;
      else if (code === 92 && this.text.charCodeAt(this.position + 1) === 10) this.position += 2;
      else return;
    }
  }

  /** Reads white space and comments (`Sanitizer::parse`): possible only before a statement. */
  gap(): void {
    this.blanks();
    while (this.startsWith("//") || this.startsWith("/*")) {
      this.comment();
      this.blanks();
    }
  }

  private comment(): void {
    const start = this.position;
    const end = this.text[start + 1] === "/" ? this.lineCommentEnd() : this.blockCommentEnd();
    for (let at = start; at < end; at += 1) {
      if (!isSupported(this.text.charCodeAt(at))) {
        throw this.errorAt(at, "a comment holds a character that cannot be shown");
      }
    }
    this.position = end;
  }

  /** Just behind the comment. A backslash before the end of a line continues it on the next one. */
  private lineCommentEnd(): number {
    let at = this.position + 2;
    for (;;) {
      const newline = this.text.indexOf("\n", at);
      if (newline < 0) return this.text.length;
      if (newline === at || this.text[newline - 1] !== "\\") return newline + 1;
      at = newline + 1;
    }
  }

  private blockCommentEnd(): number {
    const close = this.text.indexOf("*/", this.position + 2);
    if (close < 0) throw this.errorAt(this.position, "the comment is never closed");
    return close + 2;
  }

  /** Whether every character from here to the end of the program can be shown. */
  get restIsSupported(): boolean {
    if (this.lastUnsupported === null) {
      let at = this.text.length - 1;
      while (at >= 0 && isSupported(this.text.charCodeAt(at))) at -= 1;
      this.lastUnsupported = at;
    }
    return this.lastUnsupported < this.position;
  }
}

/** snarkVM console/network/environment/src/traits/parse_string.rs: `is_char_supported`. */
function isSupported(code: number): boolean {
  if (code < 32) return code === 9 || code === 10 || code === 13;
  return code !== 127 && !(code >= 0x202a && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}
