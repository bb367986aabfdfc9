import { join, resolve } from "node:path";
import { sha256Of } from "../../aleo/backup/manifest.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import { AleoError } from "../../aleo/errors.ts";
import { createWhole } from "../../aleo/files.ts";
import { redact } from "../../aleo/keys.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { entryCount, entryOf, type Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import type { Settings } from "../../settings.ts";
import { snapshotToStore } from "../backup/snapshot.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { formatBytes, plural } from "../text.ts";
import { type ArchivedFile, tarArchive } from "./tar-archive.ts";
import { versions } from "./versions.ts";

export interface EmergencySnapshotOptions {
  /** Undefined where it can't be opened. */
  readonly store: ObjectStore | undefined;
  /** Where the archive is written. */
  readonly folder: string;
  /** How many of the last blocks are kept. */
  readonly blocks: number;
  /** Address of the operating account, where it is known. */
  readonly account: string | undefined;
  /** The monitor's file of rules, where it can be read. */
  readonly rules: string | undefined;
  /** What of these can't be had, and why. */
  readonly missing: readonly string[];
}

export interface EmergencySnapshotReport {
  /** Where the archive is; null where it could not be written there. */
  readonly file: string | null;
  readonly bytes: number;
  /** SHA-256 of the archive, in hexadecimal. */
  readonly sha256: string;
  readonly height: number;
  readonly programs: readonly {
    readonly program: string;
    readonly entries: number;
    readonly height: number;
    /** Id of the backup in the store; null where it is only in the archive. */
    readonly backup: string | null;
  }[];
  readonly blocks: number;
  /** Key of the archive in the store; null where it is not there. */
  readonly stored: string | null;
  /** What is missing, and why. */
  readonly problems: readonly string[];
}

interface Kept {
  readonly snapshot: Snapshot;
  readonly backup: string | null;
}

/**
 * Puts what an investigation needs into one archive: the state of each declared program, the last
 * blocks, balances, the settings without secrets and the versions. Each state goes into the backup
 * store as a backup as well, and so does the archive. What can't be had is told and does not keep
 * the rest from being kept.
 * @throws AleoError where the node does not answer at all
 */
export async function emergencySnapshot(
  settings: Settings,
  node: NodeClient,
  options: EmergencySnapshotOptions,
  show: (text: string) => void,
): Promise<EmergencySnapshotReport> {
  const { store, folder } = options;
  const at = new Date();
  const height = await node.latestHeight();
  const problems = [...options.missing];
  const attempt = async <Result>(what: string, work: () => Promise<Result>) => {
    show(what);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AleoError)) throw error;
      problems.push(problemText(what, error));
      return undefined;
    }
  };

  // The newest blocks first: they are what a node may drop or reorganise soonest.
  const first = Math.max(0, height + 1 - options.blocks);
  const blocks =
    (await attempt("the last blocks", () => node.blocks(first, height + 1, height))) ?? [];
  const kept: Kept[] = [];
  for (const { program } of settings.programs) {
    const found = await attempt(program, () => keep(node, store, program, problems, show));
    if (found !== undefined) kept.push(found);
  }
  const balances = await attempt("balances", () => balancesOf(node, kept, options.account));

  const files = withSums([
    json("about.json", {
      network: settings.network,
      takenAt: at.toISOString(),
      height,
      versions: await versions(node),
      missing: problems,
    }),
    json("settings.json", { ...settings, endpoints: node.endpoints }),
    ...(options.rules === undefined ? [] : [text("rules.yaml", options.rules)]),
    ...(balances === undefined ? [] : [json("balances.json", balances)]),
    text("blocks.ndjson", blocks.map((block) => `${JSON.stringify(block)}\n`).join("")),
    ...kept.flatMap(({ snapshot }) => filesOf(snapshot)),
  ]);
  show("writing the archive");
  const archive = await tarArchive(files, at);
  const name = `${settings.network}-${at.toISOString().replaceAll(/[-:.]/g, "")}.tar.zst`;
  const file = join(resolve(folder), name);
  const isWritten =
    (await attempt("the archive on this machine", async () => {
      await createWhole(file, archive);
      return true;
    })) === true;
  const key = `emergency/${name}`;
  const isStored =
    store !== undefined &&
    (await attempt("the archive in the store", async () => {
      await store.create(key, archive);
      return true;
    })) === true;
  return {
    file: isWritten ? file : null,
    bytes: archive.length,
    sha256: sha256Of(archive),
    height,
    programs: kept.map(({ snapshot, backup }) => ({
      program: snapshot.program,
      entries: entryCount(snapshot),
      height: snapshot.height,
      backup,
    })),
    blocks: blocks.length,
    stored: isStored ? key : null,
    problems,
  };
}

async function keep(
  node: NodeClient,
  store: ObjectStore | undefined,
  program: string,
  problems: string[],
  show: (text: string) => void,
): Promise<Kept> {
  if (store !== undefined) {
    try {
      const { snapshot } = await snapshotToStore(node, store, program, "auto", show);
      return { snapshot, backup: await backUp(store, snapshot, problems) };
    } catch (error) {
      // The node is asked once more without the store, which may be the one that failed.
      if (!(error instanceof AleoError)) throw error;
    }
  }
  const { snapshot } = await takeSnapshot(node, program, { source: "auto" });
  return { snapshot, backup: store === undefined ? null : await backUp(store, snapshot, problems) };
}

async function backUp(
  store: ObjectStore,
  snapshot: Snapshot,
  problems: string[],
): Promise<string | null> {
  try {
    return (await writeBackup(store, snapshot)).id;
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    problems.push(problemText(`${snapshot.program} in the store`, error));
    return null;
  }
}

/** As `problems` has it. */
export function problemText(what: string, { message, remedy }: AleoError): string {
  return `${what}: ${message}\n    What to do: ${remedy}`;
}

/** Of programs, their admins and owners, and the operating account; microcredits as decimal strings. */
async function balancesOf(
  node: NodeClient,
  kept: readonly Kept[],
  account: string | undefined,
): Promise<Record<string, { address: string; microcredits: string }>> {
  const holders = new Map<string, string>();
  for (const { snapshot } of kept) {
    const { program, owner } = snapshot;
    holders.set(program, await programAddress(node.network, program));
    const admin = entryOf(snapshot, "admin", "0u8");
    if (admin !== undefined) holders.set(`admin of ${program}`, admin);
    if (owner !== undefined) holders.set(`owner of ${program}`, owner);
  }
  if (account !== undefined) holders.set("operating account", account);
  const read = async ([who, address]: [string, string]) =>
    [who, { address, microcredits: (await node.balance(address)).toString() }] as const;
  return Object.fromEntries(await Promise.all([...holders].map(read)));
}

function filesOf(snapshot: Snapshot): ArchivedFile[] {
  const { mappings, programSource, ...state } = snapshot;
  const folder = `programs/${snapshot.program}`;
  return [
    text(`${folder}/program.aleo`, programSource),
    json(`${folder}/state.json`, state),
    ...mappings.map(({ name, entries }) =>
      text(
        `${folder}/${name}.ndjson`,
        entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
      ),
    ),
  ];
}

/** With the digests of all files as `sha256sum --check` reads them. */
function withSums(files: readonly ArchivedFile[]): ArchivedFile[] {
  const sums = files.map(({ path, body }) => `${sha256Of(body)}  ${path}\n`).join("");
  return [...files, text("SHA256SUMS", sums)];
}

function text(path: string, body: string): ArchivedFile {
  return { path, body: Buffer.from(redact(body)) };
}

function json(path: string, value: unknown): ArchivedFile {
  const plain = (_: string, part: unknown) => (typeof part === "bigint" ? part.toString() : part);
  return text(path, `${JSON.stringify(value, plain, 2)}\n`);
}

export function codeOf(report: EmergencySnapshotReport): ExitCode {
  const { problems, programs, blocks, file, stored } = report;
  if (problems.length === 0) return exitCode.ok;
  const isKept = file !== null || stored !== null;
  return !isKept || programs.length + blocks === 0 ? exitCode.failed : exitCode.partlyDone;
}

export function emergencySnapshotText(
  report: EmergencySnapshotReport,
  location: string | undefined,
): string {
  const { file, bytes, sha256: digest, programs, blocks, height, stored, problems } = report;
  return [
    ...programs.map(
      (one) =>
        `✔ ${one.program}: ${plural(one.entries, "entry", "entries")} at height ${one.height}${one.backup === null ? "" : `, backup ${one.backup}`}`,
    ),
    `✔ ${plural(blocks, "block")} up to ${height}`,
    ...(file === null ? [] : [`✔ ${file}, ${formatBytes(bytes)}`]),
    ...(stored === null ? [] : [`✔ ${location ?? ""}/${stored}`]),
    ...problems.map((problem) => `✖ ${problem}`),
    `sha256 ${digest}`,
  ].join("\n");
}
