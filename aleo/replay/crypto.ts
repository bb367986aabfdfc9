import { loadSdk, type Sdk } from "../transaction/sdk.ts";
import { fieldBits, bitsNumber } from "./bits.ts";

/** The widths of BHP hashes, in bits of one round. */
export const bhpWidths = [256, 512, 768, 1024] as const;
export type BhpWidth = (typeof bhpWidths)[number];
type PedersenWidth = 64 | 128;
type PoseidonRate = 2 | 4 | 8;

type Bits = readonly boolean[];

/**
 * The chain's own cryptography. Group elements are given and answered as their x coordinates, which
 * is enough: only one of the points with the same x is in the group.
 */
export interface Crypto {
  bhp(width: BhpWidth, bits: Bits): bigint;
  commitBhp(width: BhpWidth, bits: Bits, randomizer: bigint): bigint;
  pedersen(width: PedersenWidth, bits: Bits): bigint;
  commitPedersen(width: PedersenWidth, bits: Bits, randomizer: bigint): bigint;
  poseidon(rate: PoseidonRate, fields: readonly bigint[]): bigint;
  poseidonGroup(rate: PoseidonRate, fields: readonly bigint[]): bigint;
  addGroups(a: bigint, b: bigint): bigint;
  doubleGroup(a: bigint): bigint;
  multiplyGroup(a: bigint, scalar: bigint): bigint;
  /** The point with this x coordinate, or else one that is computed from it (Elligator 2). */
  groupOfField(field: bigint): bigint;
  /** `message` is a value as the chain prints it. */
  verifySignature(signature: string, address: string, message: string): boolean;
  programAddress(program: string): string;
}

type Ledger = "testnet" | "mainnet";

const loaded = new Map<Ledger, Promise<Crypto>>();

/**
 * The SDK, whose wasm computes all of this. A process has one of a ledger: its first BHP hash of a
 * width takes nearly a second, in which the SDK makes its tables.
 */
export function loadCrypto(ledger: Ledger): Promise<Crypto> {
  return kept(loaded, ledger, async () => new SdkCrypto(await loadSdk(ledger)));
}

type Bhp = Pick<InstanceType<Sdk["BHP1024"]>, "hash" | "commit">;
type Pedersen = Pick<InstanceType<Sdk["Pedersen64"]>, "hash" | "commit">;
type Poseidon = Pick<InstanceType<Sdk["Poseidon2"]>, "hash" | "hashToGroup">;
type SdkGroup = ReturnType<Sdk["Group"]["fromString"]>;
type SdkScalar = ReturnType<Sdk["Scalar"]["fromString"]>;
type SdkField = ReturnType<Sdk["Field"]["fromString"]>;

interface Freed {
  free(): void;
}

class SdkCrypto implements Crypto {
  readonly #sdk: Sdk;
  readonly #bhps = new Map<BhpWidth, Bhp>();
  readonly #pedersens = new Map<PedersenWidth, Pedersen>();
  readonly #poseidons = new Map<PoseidonRate, Poseidon>();

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  bhp(width: BhpWidth, bits: Bits): bigint {
    return this.#coordinate(this.#bhp(width).hash(mutable(bits)));
  }

  commitBhp(width: BhpWidth, bits: Bits, randomizer: bigint): bigint {
    return this.#coordinate(this.#bhp(width).commit(mutable(bits), this.#scalar(randomizer)));
  }

  pedersen(width: PedersenWidth, bits: Bits): bigint {
    return this.#coordinate(this.#pedersen(width).hash(mutable(bits)));
  }

  commitPedersen(width: PedersenWidth, bits: Bits, randomizer: bigint): bigint {
    return this.#coordinate(this.#pedersen(width).commit(mutable(bits), this.#scalar(randomizer)));
  }

  poseidon(rate: PoseidonRate, fields: readonly bigint[]): bigint {
    return this.#coordinate(this.#poseidon(rate).hash(this.#fields(fields)));
  }

  poseidonGroup(rate: PoseidonRate, fields: readonly bigint[]): bigint {
    return this.#xOf(this.#poseidon(rate).hashToGroup(this.#fields(fields)));
  }

  addGroups(a: bigint, b: bigint): bigint {
    return this.#withGroup(a, (first) =>
      this.#withGroup(b, (second) => this.#xOf(first.add(second))),
    );
  }

  doubleGroup(a: bigint): bigint {
    return this.#withGroup(a, (group) => this.#xOf(group.double()));
  }

  multiplyGroup(a: bigint, scalar: bigint): bigint {
    return using(this.#scalar(scalar), (factor) =>
      this.#withGroup(a, (group) => this.#xOf(group.scalarMultiply(factor))),
    );
  }

  groupOfField(field: bigint): bigint {
    return using(this.#field(field), (element) => this.#xOf(element.toGroupLossy()));
  }

  verifySignature(signature: string, address: string, message: string): boolean {
    return using(this.#sdk.Signature.from_string(signature), (signed) =>
      using(this.#sdk.Address.from_string(address), (signer) =>
        signed.verifyValue(signer, message),
      ),
    );
  }

  programAddress(program: string): string {
    return using(this.#sdk.Address.fromProgramId(program), (address) => address.to_string());
  }

  #bhp(width: BhpWidth): Bhp {
    const classes = {
      256: this.#sdk.BHP256,
      512: this.#sdk.BHP512,
      768: this.#sdk.BHP768,
      1024: this.#sdk.BHP1024,
    };
    return kept(this.#bhps, width, () => new classes[width]());
  }

  #pedersen(width: PedersenWidth): Pedersen {
    const classes = { 64: this.#sdk.Pedersen64, 128: this.#sdk.Pedersen128 };
    return kept(this.#pedersens, width, () => new classes[width]());
  }

  #poseidon(rate: PoseidonRate): Poseidon {
    const classes = { 2: this.#sdk.Poseidon2, 4: this.#sdk.Poseidon4, 8: this.#sdk.Poseidon8 };
    return kept(this.#poseidons, rate, () => new classes[rate]());
  }

  #field(value: bigint): SdkField {
    return this.#sdk.Field.fromBytesLe(littleEndian(value));
  }

  /** The SDK takes the elements of the list over, and frees them. */
  #fields(values: readonly bigint[]): SdkField[] {
    return values.map((value) => this.#field(value));
  }

  #coordinate(field: SdkField): bigint {
    return using(field, (element) => fromLittleEndian(element.toBytesLe()));
  }

  #xOf(group: SdkGroup): bigint {
    return using(group, (point) => this.#coordinate(point.toXCoordinate()));
  }

  #withGroup<T>(x: bigint, use: (group: SdkGroup) => T): T {
    return using(this.#sdk.Group.fromBytesLe(littleEndian(x)), use);
  }

  /** A commitment takes the scalar over, and frees it. */
  #scalar(value: bigint): SdkScalar {
    return this.#sdk.Scalar.fromBytesLe(littleEndian(value));
  }
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function using<T extends Freed, R>(object: T, use: (object: T) => R): R {
  try {
    return use(object);
  } finally {
    object.free();
  }
}

/** The SDK's declarations take arrays that may change; it does not change them. */
function mutable(bits: Bits): boolean[] {
  return bits as boolean[];
}

function littleEndian(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

/** Bits as field elements, as Poseidon takes them: one bit less than a field element has. */
export function fieldsOfBits(bits: Bits): bigint[] {
  const size = fieldBits - 1;
  const fields: bigint[] = [];
  for (let at = 0; at < bits.length; at += size) fields.push(bitsNumber(bits.slice(at, at + size)));
  return fields;
}
