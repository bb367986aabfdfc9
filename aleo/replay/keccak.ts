import { createHash } from "node:crypto";

export const digestSizes = [256, 384, 512] as const;
export type DigestSize = (typeof digestSizes)[number];

export function sha3(size: DigestSize, bytes: Uint8Array): Uint8Array {
  return createHash(`sha3-${size}`).update(bytes).digest();
}

/**
 * Keccak as it was before it became SHA-3, which only differs in the padding; Node.js has it not.
 * Source: The Keccak reference, version 3.0, sections 1.1 and 1.2.
 */
export function keccak(size: DigestSize, bytes: Uint8Array): Uint8Array {
  const rate = 200 - size / 4;
  const padded = new Uint8Array((Math.floor(bytes.length / rate) + 1) * rate);
  padded.set(bytes);
  padded[bytes.length] = 0x01;
  const last = padded.length - 1;
  padded[last] = (padded[last] ?? 0) | 0x80;

  const state = new BigUint64Array(25);
  const blocks = new DataView(padded.buffer);
  for (let start = 0; start < padded.length; start += rate) {
    for (let lane = 0; lane < rate / 8; lane += 1) {
      state[lane] = lanes(state, lane) ^ blocks.getBigUint64(start + lane * 8, true);
    }
    permute(state);
  }
  const squeezed = new DataView(new ArrayBuffer(200));
  state.forEach((lane, index) => {
    squeezed.setBigUint64(index * 8, lane, true);
  });
  return new Uint8Array(squeezed.buffer, 0, size / 8);
}

function lanes(state: BigUint64Array, index: number): bigint {
  return state[index] ?? 0n;
}

const at = (x: number, y: number): number => (x % 5) + 5 * (y % 5);

function permute(state: BigUint64Array): void {
  for (const constant of roundConstants) {
    const parity = [0, 1, 2, 3, 4].map((x) =>
      [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ lanes(state, at(x, y)), 0n),
    );
    for (let lane = 0; lane < 25; lane += 1) {
      const x = lane % 5;
      const theta = (parity[(x + 4) % 5] ?? 0n) ^ rotated(parity[(x + 1) % 5] ?? 0n, 1n);
      state[lane] = lanes(state, lane) ^ theta;
    }
    const moved = new BigUint64Array(25);
    for (let x = 0; x < 5; x += 1) {
      for (let y = 0; y < 5; y += 1) {
        moved[at(y, 2 * x + 3 * y)] = rotated(lanes(state, at(x, y)), offsets[at(x, y)] ?? 0n);
      }
    }
    for (let lane = 0; lane < 25; lane += 1) {
      const x = lane % 5;
      const y = (lane - x) / 5;
      state[lane] = lanes(moved, lane) ^ (~lanes(moved, at(x + 1, y)) & lanes(moved, at(x + 2, y)));
    }
    state[0] = lanes(state, 0) ^ constant;
  }
}

function rotated(lane: bigint, by: bigint): bigint {
  return BigInt.asUintN(64, lane << by) | (lane >> (64n - by));
}

const offsets = rotationOffsets();

function rotationOffsets(): bigint[] {
  const found = Array<bigint>(25).fill(0n);
  let [x, y] = [1, 0];
  for (let step = 0; step < 24; step += 1) {
    found[at(x, y)] = BigInt((((step + 1) * (step + 2)) / 2) % 64);
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return found;
}

const roundConstants = constants();

/** Bits of a linear feedback shift register, at the places 2^j - 1 of each round's constant. */
function constants(): bigint[] {
  let register = 1;
  return Array.from({ length: 24 }, () => {
    let constant = 0n;
    for (let bit = 0; bit <= 6; bit += 1) {
      if ((register & 1) === 1) constant |= 1n << ((1n << BigInt(bit)) - 1n);
      register = (register << 1) ^ (register >> 7 === 1 ? 0x171 : 0);
    }
    return constant;
  });
}
