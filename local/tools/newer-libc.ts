import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LocalError, messageOf } from "../errors.ts";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { libraryFolder, obstacleToDebianPackages, withDebianPackages } from "./debian-packages.ts";
import type { Progress, ToolReport } from "./tool.ts";

/** A libc of a newer Debian, unpacked beside the host's own, which stays untouched. */
export interface NewerLibc {
  readonly loader: string;
}

const suite = "trixie";
const packages = ["libc6", "libstdc++6", "libgcc-s1", "libssl3t64"];

/** What Debian calls the dynamic loader. */
const loaderName = { x64: "ld-linux-x86-64.so.2", arm64: "ld-linux-aarch64.so.1" }[
  process.arch as string
];

export function newerLibcFolder(libc: NewerLibc): string {
  return dirname(libc.loader);
}

/**
 * Gets the libc of Debian trixie from the host's own Debian mirror; nothing is installed.
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
      const { folder } = layout();
      const options = { suite, packages, withDependencies: false, progress, env };
      await withDebianPackages(options, async (unpacked) => {
        // Only the libraries: the packages' documentation and translations are of no use here.
        await cp(join(unpacked, "usr", "lib", folder), join(aside, "usr", "lib", folder), {
          recursive: true,
          verbatimSymlinks: true,
        });
      }).catch((error: unknown) => {
        throw noWay(messageOf(error));
      });
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
  const obstacle = obstacleToDebianPackages(env);
  if (obstacle !== undefined) {
    return { name, status: "missing", from: why, remedy: noWay(obstacle).remedy };
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
  if (libraryFolder === undefined || loaderName === undefined) {
    throw noWay(`there is no devnode for Linux ${process.arch}`);
  }
  return { folder: libraryFolder, loader: loaderName };
}

function noWay(why: string): LocalError {
  return new LocalError(
    `The host's glibc is too old for the devnode, and Debian's newer one can't be had: ${why}.`,
    { remedy: "Use a system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04, Fedora 39…)." },
  );
}
