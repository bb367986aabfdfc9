import { AleoError } from "../errors.ts";
import { clip } from "../program/reader.ts";

/** A text that is no value of the kind that belongs there. */
export class ValueSyntaxError extends AleoError {
  constructor(what: string, source: string, reason: string) {
    super(`${JSON.stringify(clip(source))} is not ${what}: ${reason}.`, {
      remedy: "Take the text as the chain prints it.",
    });
  }
}

/** Where in a program something stands. */
export interface Place {
  readonly program: string;
  readonly edition: number;
  /** The function whose finalize it is, or `constructor`. */
  readonly function: string;
  readonly line: number;
  /** The statement, as the chain prints it. */
  readonly statement: string;
}

export function placeText({ program, edition, function: name, line, statement }: Place): string {
  return `${program} edition ${edition}, ${name}, line ${line}: ${statement}`;
}

/** An instruction whose result can't be computed from the blocks. */
export class NotReplayableError extends AleoError {
  readonly place: Place;

  constructor(place: Place, why: string) {
    super(`${placeText(place)} can't be replayed: ${why}.`, {
      remedy:
        "Take the program's state by listing, or by reading known keys, from a node that keeps it.",
    });
    this.place = place;
  }
}

/** A result depends on state of a program that is not followed. */
export class UnfollowedStateError extends AleoError {
  readonly place: Place;

  constructor(place: Place, from: string, what: string) {
    super(`${placeText(place)}: ${what} depends on ${from}, which is not followed.`, {
      remedy: `Follow ${from.split("/")[0] ?? from} as well, from its deployment on.`,
    });
    this.place = place;
  }
}

/** What the replay computed is not what the block says. */
export class ReplayMismatchError extends AleoError {
  readonly height: number;
  readonly transactionId: string;
  /** Counted from 0; undefined where the number of operations or the outcome differs. */
  readonly operation: number | undefined;

  constructor(height: number, transactionId: string, operation: number | undefined, what: string) {
    const where =
      operation === undefined ? transactionId : `operation ${operation} of ${transactionId}`;
    super(`Block ${height}, ${where}: ${what}.`, {
      remedy:
        "The block was changed on its way, the state that the replay began with is wrong, or this version of the program reads the chain wrongly. Fetch the blocks from another node, and begin at the program's deployment.",
    });
    this.height = height;
    this.transactionId = transactionId;
    this.operation = operation;
  }
}

/** A block that does not belong where it came. */
export class BlockOrderError extends AleoError {
  constructor(message: string) {
    super(message, {
      remedy: "Fetch the blocks again, in order and without gaps, from one network.",
    });
  }
}
