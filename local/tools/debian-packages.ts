import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { messageOf } from "../errors.ts";
import { findOnPath } from "./executable.ts";
import type { Progress } from "./tool.ts";

const aptSources = "/etc/apt";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where Debian puts the libraries of this machine's architecture; undefined for others. */
export const libraryFolder = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[
  process.arch as string
];

export interface DebianPackagesOptions {
  /** Debian's release, such as `bookworm`. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** With the packages that they need and the host has not; only for the host's own release. */
  readonly withDependencies: boolean;
  readonly progress: Progress;
  readonly env: NodeJS.ProcessEnv;
}

/** Why packages can't be had from Debian on this machine; undefined where they can. */
export function obstacleToDebianPackages(env: NodeJS.ProcessEnv): string | undefined {
  const missing = ["apt-get", "dpkg"].find((tool) => findOnPath(tool, env) === undefined);
  if (missing !== undefined) return `${missing} is not on PATH`;
  return existsSync(keyring) ? undefined : `Debian's archive keys (${keyring}) are not installed`;
}

/**
 * Gets packages from the host's own Debian mirror and unpacks them, with an apt configuration of its
 * own: nothing is installed, and nothing of the host's apt is changed. apt checks the signatures.
 *
 * @param take gets the folder in which they are unpacked, which is gone afterwards
 * @throws Error whose message is the reason, for the caller to say what it means
 */
export async function withDebianPackages(
  { suite, packages, withDependencies, progress, env }: DebianPackagesOptions,
  take: (unpacked: string) => Promise<void>,
): Promise<void> {
  const obstacle = obstacleToDebianPackages(env);
  if (obstacle !== undefined) throw new Error(obstacle);
  const scratch = await mkdtemp(join(tmpdir(), "aleo-ops-apt-"));
  try {
    const folder = async (...parts: string[]) => {
      const path = join(scratch, ...parts);
      await mkdir(path, { recursive: true });
      return path;
    };
    for (const parts of [
      ["lists", "partial"],
      ["cache", "archives", "partial"],
    ])
      await folder(...parts);
    const debs = await folder("debs");
    const unpacked = await folder("unpacked");
    const sources = join(scratch, "sources.list");
    await writeFile(sources, `deb [signed-by=${keyring}] ${await mirror()} ${suite} main\n`);
    const own = [
      ["Dir::Etc::SourceList", sources],
      ["Dir::Etc::SourceParts", "-"],
      ["Dir::State::Lists", join(scratch, "lists")],
      ["Dir::Cache", join(scratch, "cache")],
      ["Acquire::Languages", "none"],
      ["APT::Sandbox::User", "root"],
    ].flatMap(([name, value]) => ["-o", `${name ?? ""}=${value ?? ""}`]);
    const apt = (cwd: string, ...args: string[]) =>
      run("apt-get", [...own, "-q", ...args], cwd, env);
    progress(`reading Debian's package list of ${suite}`);
    await apt(scratch, "update");
    const wanted = withDependencies
      ? toInstall(await apt(scratch, "-s", "--no-install-recommends", "install", ...packages))
      : packages;
    progress(`downloading ${packages.join(", ")}`);
    await apt(debs, "download", ...wanted);
    for (const deb of await readdir(debs)) {
      await run("dpkg", ["-x", join(debs, deb), unpacked], scratch, env);
    }
    await take(unpacked);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The packages that apt would install, from what it says without doing it. */
export function toInstall(simulation: string): string[] {
  return [...simulation.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []);
}

async function run(
  file: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  try {
    const plain = { ...env, LC_ALL: "C" };
    const { stdout } = await execa(file, args, {
      ...{ cwd, env: plain, extendEnv: false, stdin: "ignore" },
    });
    return stdout;
  } catch (error) {
    throw new Error(`${file} failed: ${messageOf(error)}`, { cause: error });
  }
}

/** The Debian mirror that the host's own apt uses. */
async function mirror(): Promise<string> {
  const files = (await readdir(aptSources, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(list|sources)$/.test(entry.name))
    .map((entry) => readFile(join(entry.parentPath, entry.name), "utf8"));
  const found = debianMirror((await Promise.all(files)).join("\n"));
  if (found === undefined) {
    throw new Error(`the sources of apt in ${aptSources} name no Debian mirror`);
  }
  return found;
}

/** The first address `…/debian` in apt's sources, of either format; security updates end otherwise. */
export function debianMirror(sources: string): string | undefined {
  return /^[^#\n]*?(https?:\/\/\S+\/debian)\/?(?=\s|$)/m.exec(sources)?.[1];
}
