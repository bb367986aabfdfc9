import { createHash } from "node:crypto";
import { z } from "zod";
import { networks } from "../network.ts";
import { snapshotSources } from "../snapshot/snapshot.ts";
import { BackupDamagedError, BackupFormatError } from "./errors.ts";

const format = "aleo-ops backup";
/** Raised when a reader of the version before would misread what is written now. */
const formatVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const object = {
  /** Its name within the backup. */
  object: z.string().min(1),
  bytes: count,
  sha256,
};

const part = z.strictObject({
  ...object,
  entries: count,
  /** Size without compression. */
  rawBytes: count,
});

const mapping = z.strictObject({
  name: z.string().min(1),
  entries: count,
  /** SHA-256 of all entries as NDJSON, without compression: the same for the same state. */
  contentSha256: sha256,
  parts: z.array(part),
});

const manifest = z.strictObject({
  format: z.literal(format),
  version: z.literal(formatVersion),
  id: z.string(),
  network: z.enum(networks),
  program: z.string(),
  edition: count,
  /** Who deployed this edition; null where no node tells. */
  owner: z.string().nullable(),
  /** Of the program, as the chain computes it. */
  checksum: sha256,
  /** The entries are those after this block. */
  height: count,
  blockHash: z.string(),
  /** Null where the node does not tell that of this block. */
  stateRoot: z.string().nullable(),
  /** When the block was made. */
  blockTime: z.iso.datetime(),
  begunAt: z.iso.datetime(),
  /** Where the entries come from, and why they can be relied on. */
  source: z.enum(snapshotSources),
  verification: z.looseObject({ kind: z.string() }),
  /** What took the id. */
  claim: z.strictObject(object),
  programSource: z.strictObject(object),
  mappings: z.array(mapping),
});

export type Manifest = z.infer<typeof manifest>;
export type MappingInfo = z.infer<typeof mapping>;
export type PartInfo = z.infer<typeof part>;
export type ObjectInfo = z.infer<z.ZodObject<typeof object>>;

/** Whether it was made afterwards, of a height that was the head long ago: it says nothing about how recent the backups are. */
export function isReconstruction({ verification }: Pick<Manifest, "verification">): boolean {
  return verification.reconstructedFrom !== undefined;
}

/** Every object that a backup consists of, without the manifest itself. */
export function objectsOf({ claim, programSource, mappings }: Manifest): ObjectInfo[] {
  return [claim, programSource, ...mappings.flatMap(({ parts }) => parts)];
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The manifest's file: its own SHA-256, taken without that line, stands last. */
export function manifestText(content: Omit<Manifest, "format" | "version">): string {
  return sealed({ format, version: formatVersion, ...content });
}

/**
 * Reads a manifest and makes sure that no byte of it differs from what was written.
 * @throws BackupFormatError for a newer format
 * @throws BackupDamagedError for anything else than a whole manifest
 */
export function readManifest(text: string, where: string): Manifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw damaged(where, "it is no JSON", cause);
  }
  refuseOtherFormat(document, where);
  const { sha256: stated, ...content } = document as Record<string, unknown>;
  if (typeof stated !== "string") throw damaged(where, "it does not hold its own SHA-256");
  if (sealed(content) !== text) throw damaged(where, "its SHA-256 is not the one that it states");
  const result = manifest.safeParse(content);
  if (result.success) return result.data;
  throw damaged(where, z.prettifyError(result.error));
}

function sealed(content: object): string {
  const text = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  return text({ ...content, sha256: sha256Of(Buffer.from(text(content))) });
}

function refuseOtherFormat(document: unknown, where: string): void {
  const stated = z.object({ format: z.string(), version: z.int() }).safeParse(document);
  if (!stated.success || stated.data.format !== format) {
    throw damaged(where, `it does not say that it is one of an ${format}`);
  }
  if (stated.data.version <= formatVersion) return;
  throw new BackupFormatError(
    `${where} is written in version ${stated.data.version} of the backup format; this aleo-ops reads version ${formatVersion}.`,
    { remedy: "Use the version of aleo-ops that wrote it, or a newer one." },
  );
}

function damaged(where: string, reason: string, cause?: unknown): BackupDamagedError {
  return new BackupDamagedError(`${where} is damaged: ${reason}.`, {
    remedy:
      "Take another backup: `aleo-ops backups list`. Where the store keeps older versions of its objects, the first version of this one is what was written.",
    cause,
  });
}
