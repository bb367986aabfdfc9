import { AleoError, type AleoErrorOptions } from "../errors.ts";

interface StoredObject {
  /** With slashes, without one in front: `agent_registry_v2.aleo/20250621_1200/manifest.json`. */
  readonly key: string;
  readonly bytes: number;
}

/**
 * Where backups are kept. It can only be added to: there is no way to write an object again.
 *
 * Every method throws StoreUnreachableError where the store does not answer as it should within its
 * retries, StoreDeniedError where it refuses, and StoreMissingError where there is no such store.
 */
export interface ObjectStore {
  /** As people name it: a folder, or `s3://bucket/prefix`. */
  readonly location: string;
  /**
   * Writes an object that is not there yet, whole or not at all; after a kill it is one of both.
   * @throws ObjectExistsError
   */
  create(key: string, body: Uint8Array): Promise<void>;
  /** The whole object; undefined where there is none. */
  read(key: string): Promise<Buffer | undefined>;
  /** Every object whose key begins so, in no order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Until when the store lets nobody delete it; undefined where it is not locked. */
  lockedUntil(key: string): Promise<Date | undefined>;
  /**
   * Deletes it for good, older versions included. What is not there is no error.
   * @throws ObjectLockedError
   */
  remove(key: string): Promise<void>;
  close(): void;
}

/** The store did not answer, or not with what it should. */
export class StoreUnreachableError extends AleoError {}

/** The store refuses the account that asks. */
export class StoreDeniedError extends AleoError {}

export class StoreMissingError extends AleoError {}

/** What is there already stays as it is. */
export class ObjectExistsError extends AleoError {
  readonly key: string;
  /**
   * True where an attempt before this one may have written it and the account may not look: then it
   * holds what was to be written, unless somebody else writes under the same key.
   */
  readonly maybeOwn: boolean;

  constructor(key: string, location: string, { maybeOwn = false } = {}) {
    super(`${location} holds ${key} already.`, {
      remedy:
        "Nothing was changed: a backup is never rewritten. Run again for a backup of its own.",
    });
    this.key = key;
    this.maybeOwn = maybeOwn;
  }
}

export class ObjectLockedError extends AleoError {
  readonly key: string;

  constructor(key: string, message: string, options: AleoErrorOptions) {
    super(message, options);
    this.key = key;
  }
}
