/** Why a statement can't be carried out: on the chain it rejects the transaction. Never leaves this folder. */
export class Halt extends Error {}

export function halt(reason: string): never {
  throw new Halt(reason);
}

/** What follows depends on state that is not followed. Never leaves this folder. */
export class Unfollowed extends Error {
  readonly from: string;

  constructor(from: string, what: string) {
    super(what);
    this.from = from;
  }
}

/** The statement's result can't be computed here. Never leaves this folder. */
export class Unreplayable extends Error {}
