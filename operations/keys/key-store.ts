import { readFile, stat } from "node:fs/promises";
import { AleoError } from "../../aleo/errors.ts";
import { fileError } from "../../aleo/file-error.ts";
import { createWhole, FileTakenError, isMissing } from "../../aleo/files.ts";
import { PrivateKey } from "../../aleo/keys.ts";
import type { StackSecrets } from "./stack-secrets.ts";

export class KeyStoreError extends AleoError {}

/** Where a new key is kept until it takes the old one's place. */
export interface KeyStore {
  /** For people. */
  readonly place: string;
  read(): Promise<PrivateKey | undefined>;
  /** @throws KeyStoreError where there is one already */
  write(key: PrivateKey): Promise<void>;
  /** Called when the key has taken the old one's place in the stack, where it did. */
  release(): Promise<void>;
}

/** Namespaced apart from the stack's settings: no part of the stack reads it. */
const nextKeySecret = "aleo-ops-rotation:nextPrivateKey";

/** A secret of the stack's of its own, which goes when the key is the stack's `privateKey`. */
export function pulumiKeyStore(secrets: StackSecrets): KeyStore {
  const place = `the secret ${nextKeySecret} of the stack ${secrets.stack}`;
  const read = async () => {
    const text = await secrets.get(nextKeySecret);
    return text === undefined ? undefined : new PrivateKey(text, place);
  };
  return {
    place,
    read,
    write: async (key) => {
      if ((await read()) !== undefined) throw taken(place);
      await secrets.set(nextKeySecret, key.reveal());
    },
    release: () => secrets.remove(nextKeySecret),
  };
}

/** A file that only its owner may read, and that stays. */
export function fileKeyStore(path: string): KeyStore {
  return {
    place: path,
    read: async () => {
      try {
        const { mode } = await stat(path);
        if ((mode & 0o077) !== 0) {
          throw new KeyStoreError(`${path} can be read by others than its owner.`, {
            remedy: `Find out who read it. If nobody did: chmod 600 ${path}`,
          });
        }
        return new PrivateKey(await readFile(path, "utf8"), path);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw fileError(error) ?? error;
      }
    },
    write: async (key) => {
      try {
        await createWhole(path, `${key.reveal()}\n`);
      } catch (error) {
        throw error instanceof FileTakenError ? taken(path) : error;
      }
    },
    release: () => Promise.resolve(),
  };
}

function taken(place: string): KeyStoreError {
  return new KeyStoreError(`There is a key in ${place} already.`, {
    remedy: "Nothing was sent. Name another place, or take that key away knowingly.",
  });
}
