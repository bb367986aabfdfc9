const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const values = new Map(Array.from(alphabet, (character, value) => [character, value]));

/** The bytes in a Bech32m text (BIP 350) such as an address; its checksum is taken as checked. */
export function bech32Bytes(text: string): Uint8Array {
  const words = Array.from(text.slice(text.lastIndexOf("1") + 1, -checksumLength));
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const word of words) {
    buffer = ((buffer << 5) | (values.get(word) ?? 0)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}

const checksumLength = 6;

/** The x coordinate of the group element that an address is. */
export function addressNumber(address: string): bigint {
  return BigInt(`0x${Buffer.from(bech32Bytes(address)).reverse().toString("hex")}`);
}

/** The address with this x coordinate. */
export function addressOfNumber(x: bigint): string {
  const bytes = Buffer.from(x.toString(16).padStart(64, "0"), "hex").reverse();
  return bech32Text("aleo", bytes);
}

/** Bytes as a Bech32m text: `at1…` with the prefix `at`. */
export function bech32Text(prefix: string, bytes: Uint8Array): string {
  const words = inWords(bytes);
  const sum = remainder([
    ...prefixWords(prefix),
    ...words,
    ...Array<number>(checksumLength).fill(0),
  ]);
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => ((sum ^ checksumOfAll) >> shift) & 31);
  return `${prefix}1${[...words, ...checksum].map((word) => alphabet.charAt(word)).join("")}`;
}

/** Whether the text's last six characters fit those before them. */
export function hasBech32Checksum(text: string): boolean {
  const split = text.lastIndexOf("1");
  const words = Array.from(text.slice(split + 1), (character) => values.get(character) ?? -1);
  return remainder([...prefixWords(text.slice(0, split)), ...words]) === checksumOfAll;
}

/** What the remainder of a whole text is. */
const checksumOfAll = 0x2bc830a3;

function prefixWords(prefix: string): number[] {
  const codes = [...Buffer.from(prefix)];
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function inWords(bytes: Uint8Array): number[] {
  const words: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words.push((buffer >> bits) & 31);
    }
  }
  if (bits > 0) words.push((buffer << (5 - bits)) & 31);
  return words;
}

const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function remainder(words: readonly number[]): number {
  return words.reduce((sum, word) => {
    const top = sum >> 25;
    return generators.reduce(
      (next, generator, bit) => (((top >> bit) & 1) === 1 ? next ^ generator : next),
      ((sum & 0x1ffffff) << 5) ^ word,
    );
  }, 1);
}
