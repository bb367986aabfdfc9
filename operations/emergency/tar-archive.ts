import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";

export interface ArchivedFile {
  /** With slashes, at most 100 bytes. */
  readonly path: string;
  readonly body: Uint8Array;
}

const compress = promisify(zstdCompress);
const blockBytes = 512;
const longestPath = 100;

/** A tar archive (POSIX ustar) of regular files that only their owner may read, compressed with zstd. */
export async function tarArchive(files: readonly ArchivedFile[], at: Date): Promise<Buffer> {
  const parts = files.flatMap(({ path, body }) => [
    header(path, body.length, at),
    body,
    Buffer.alloc(padding(body.length)),
  ]);
  return compress(Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]));
}

function padding(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format" */
function header(path: string, bytes: number, at: Date): Buffer {
  if (Buffer.byteLength(path) > longestPath) throw new RangeError(`${path} is too long for a tar`);
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(path, 0);
  block.write(octal(0o600, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(Math.floor(at.getTime() / 1_000), 11), 136);
  block.write(" ".repeat(8), 148);
  block.write("0", 156);
  block.write("ustar\0", 257);
  block.write("00", 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
