/** Bits as bytes, the first bit lowest; the last byte is filled up with zeros. */
export function bytesOf(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return bytes;
}

export function bitsOfBytes(bytes: Uint8Array): boolean[] {
  return Array.from(
    { length: bytes.length * 8 },
    (_, index) => (((bytes[index >> 3] ?? 0) >> (index & 7)) & 1) === 1,
  );
}
