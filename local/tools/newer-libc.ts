import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { LocalError, messageOf } from "../errors.ts";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { findOnPath } from "./executable.ts";
import type { Progress, ToolReport } from "./tool.ts";

/** A libc of a newer Debian, unpacked beside the host's own, which stays untouched. */
export interface NewerLibc {
  readonly loader: string;
}

const suite = "trixie";
const packages = ["libc6", "libstdc++6", "libgcc-s1", "libssl3t64"];
const aptSources = "/etc/apt";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where Debian puts the libraries of an architecture, and what it calls the dynamic loader. */
const layouts: Record<string, { folder: string; loader: string } | undefined> = {
  x64: { folder: "x86_64-linux-gnu", loader: "ld-linux-x86-64.so.2" },
  arm64: { folder: "aarch64-linux-gnu", loader: "ld-linux-aarch64.so.1" },
};

export function newerLibcFolder(libc: NewerLibc): string {
  return dirname(libc.loader);
}

/**
 * Gets the libc of Debian trixie from the host's own Debian mirror, with an apt configuration of its
 * own: nothing is installed, and nothing of the host's apt is changed. apt checks the signatures.
 *
 * @throws LocalError where there is no apt, or its mirror does not serve it
 */
export async function ensureNewerLibc(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<NewerLibc> {
  const directory = await ensureCached({
    directory: cached(env),
    make: async (aside) => {
      const obstacle = obstacleToApt(env);
      if (obstacle !== undefined) throw obstacle;
      await fetchByApt(aside, progress, env);
    },
    progress,
  });
  return { loader: loaderIn(directory) };
}

export function findNewerLibc(
  needed: string,
  host: string,
  env: NodeJS.ProcessEnv = process.env,
): ToolReport {
  const name = "libc for aleo-devnode";
  const why = `the host has glibc ${host}, the devnode needs ${needed}`;
  if (existsSync(cached(env))) {
    return { name, status: "ready", version: suite, from: `${cached(env)} (${why})` };
  }
  const obstacle = obstacleToApt(env);
  if (obstacle !== undefined) {
    return { name, status: "missing", from: why, remedy: obstacle.remedy };
  }
  return {
    name,
    status: "obtainable",
    version: suite,
    from: `Debian's mirror, by apt-get download (${why})`,
    remedy: "Run `make tools`.",
  };
}

function cached(env: NodeJS.ProcessEnv): string {
  return join(cacheDirectory(env), "libc", `debian-${suite}-${process.arch}`);
}

function loaderIn(directory: string): string {
  const { folder, loader } = layout();
  return join(directory, "usr", "lib", folder, loader);
}

function layout(): { folder: string; loader: string } {
  const found = layouts[process.arch];
  if (found === undefined) throw noWay(`there is no devnode for Linux ${process.arch}`);
  return found;
}

function obstacleToApt(env: NodeJS.ProcessEnv): LocalError | undefined {
  for (const tool of ["apt-get", "dpkg"]) {
    if (findOnPath(tool, env) === undefined) return noWay(`${tool} is not on PATH`);
  }
  if (!existsSync(keyring)) return noWay(`Debian's archive keys (${keyring}) are not installed`);
  return undefined;
}

function noWay(why: string): LocalError {
  return new LocalError(
    `The host's glibc is too old for the devnode, and Debian's newer one can't be had: ${why}.`,
    { remedy: "Use a system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04, Fedora 39…)." },
  );
}

async function fetchByApt(
  directory: string,
  progress: Progress,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "aleo-ops-apt-"));
  const run = async (file: string, args: readonly string[], cwd: string) => {
    try {
      await execa(file, args, { cwd, env, extendEnv: false, all: true, stdin: "ignore" });
    } catch (error) {
      throw noWay(`${file} failed: ${messageOf(error)}`);
    }
  };
  try {
    for (const folder of ["lists/partial", "cache/archives/partial", "debs"]) {
      await mkdir(join(scratch, folder), { recursive: true });
    }
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
    progress(`reading Debian's package list of ${suite}`);
    await run("apt-get", [...own, "-q", "update"], scratch);
    const debs = join(scratch, "debs");
    progress(`downloading ${packages.join(", ")}`);
    await run("apt-get", [...own, "-q", "download", ...packages], debs);
    const unpacked = join(scratch, "unpacked");
    for (const deb of await readdir(debs)) {
      await run("dpkg", ["-x", join(debs, deb), unpacked], scratch);
    }
    const { folder } = layout();
    // Only the libraries: the packages' documentation and translations are of no use here.
    await cp(join(unpacked, "usr", "lib", folder), join(directory, "usr", "lib", folder), {
      recursive: true,
      verbatimSymlinks: true,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The Debian mirror that the host's own apt uses. */
async function mirror(): Promise<string> {
  const files = (await readdir(aptSources, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(list|sources)$/.test(entry.name))
    .map((entry) => readFile(join(entry.parentPath, entry.name), "utf8"));
  const found = debianMirror((await Promise.all(files)).join("\n"));
  if (found === undefined) throw noWay(`the sources of apt in ${aptSources} name no Debian mirror`);
  return found;
}

/** The first address `…/debian` in apt's sources, of either format; security updates end otherwise. */
export function debianMirror(sources: string): string | undefined {
  return /^[^#\n]*?(https?:\/\/\S+\/debian)\/?(?=\s|$)/m.exec(sources)?.[1];
}
