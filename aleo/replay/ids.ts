import { bitsOf, fieldBits, nameBits, numberBits } from "./bits.ts";
import type { Crypto } from "./crypto.ts";
import { parsePlaintext, plaintextText } from "./text.ts";
import type { Plaintext } from "./values.ts";

const mostKept = 50_000;

/** Keeps the newest results of a computation, up to a number. */
class Kept {
  readonly #results = new Map<string, bigint>();

  get(key: string, compute: () => bigint): bigint {
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const result = compute();
    if (this.#results.size >= mostKept) {
      const [oldest] = this.#results.keys();
      if (oldest !== undefined) this.#results.delete(oldest);
    }
    this.#results.set(key, result);
    return result;
  }
}

/**
 * The ids under which blocks name what a finalize changed: hashes of the mapping, the key and the
 * value (snarkVM synthesizer/program/src/logic/finalize_operation and ledger/store `to_key_id`).
 */
export class Ids {
  readonly #crypto: Crypto;
  readonly #mappings = new Kept();
  readonly #keys = new Kept();
  readonly #values = new Kept();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  mapping(program: string, mapping: string): bigint {
    return this.#mappings.get(`${program}/${mapping}`, () =>
      this.#hash(mappingBits(program, mapping)),
    );
  }

  key(program: string, mapping: string, key: Plaintext): bigint {
    return this.#keys.get(`${program}/${mapping}/${plaintextText(key)}`, () =>
      this.#hash([...mappingBits(program, mapping), false, ...bitsOf(key)]),
    );
  }

  /** Of the key of a watched account in credits.aleo. */
  account(address: string): bigint {
    return this.key("credits.aleo", "account", parsePlaintext(address));
  }

  value(keyId: bigint, value: Plaintext): bigint {
    const hash = this.#values.get(plaintextText(value), () => this.#hash(bitsOf(value)));
    return this.#hash([...numberBits(keyId, fieldBits), ...numberBits(hash, fieldBits)]);
  }

  #hash(bits: readonly boolean[]): bigint {
    return this.#crypto.bhp(1024, bits);
  }
}

function mappingBits(program: string, mapping: string): boolean[] {
  const [name = "", network = ""] = program.split(".");
  return [...nameBits(name), ...nameBits(network), false, ...nameBits(mapping)];
}
