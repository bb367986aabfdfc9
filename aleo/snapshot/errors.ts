import { AleoError } from "../errors.ts";

/** A snapshot of a program that is not on the chain, or was not at the height. */
export class NoSuchProgramError extends AleoError {
  constructor(program: string, where: string) {
    super(`There is no program ${program} ${where}.`, {
      remedy: "Check the program's name, the network and the height.",
    });
  }
}

/** Blocks kept touching the program while its entries were read. */
export class NeverQuietError extends AleoError {
  constructor(program: string, attempts: number, heights: readonly [number, number]) {
    super(
      `The entries of ${program} were read ${attempts} times, and each time a block changed the program meanwhile (last between heights ${heights[0]} and ${heights[1]}).`,
      {
        remedy:
          "Take the snapshot by replay, which needs no pause, or pause the program for as long as one read takes.",
      },
    );
  }
}

/** The blocks end before the height that was asked for. */
export class MissingBlocksError extends AleoError {
  constructor(missing: number, wanted: number) {
    super(`Block ${missing} is not there; blocks up to ${wanted} are needed.`, {
      remedy: "Ask for a height that the chain has reached, from a node that keeps all blocks.",
    });
  }
}
