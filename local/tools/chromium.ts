import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalError, messageOf } from "../errors.ts";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { libraryFolder, obstacleToDebianPackages, withDebianPackages } from "./debian-packages.ts";
import { findOnPath } from "./executable.ts";
import type { Progress, ToolReport } from "./tool.ts";

/** How to start a browser on this machine. */
export interface ChromiumCommand {
  readonly executablePath: string;
  readonly args: readonly string[];
  /** What it needs beside the environment of its caller. */
  readonly env: Readonly<Record<string, string>>;
}

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const packages = ["chromium-headless-shell", "fonts-dejavu-core"];
const remedy =
  "Install Chromium or Chrome so that it is on PATH, or use a Debian system whose mirror can be reached.";

/**
 * Finds a Chromium or Chrome on PATH, or gets Debian's headless one with the libraries that the host
 * has not, from the host's own mirror: 90 MB, once. Nothing is installed.
 *
 * @throws LocalError where neither can be had
 */
export async function ensureChromium(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChromiumCommand> {
  const onPath = findChromium(env);
  if (onPath !== undefined) return { executablePath: onPath, args: rights(), env: {} };
  const suite = hostSuite();
  if (suite === undefined) throw noWay("this is no Debian system");
  const directory = await ensureCached({
    directory: cached(suite, env),
    make: async (aside) => {
      const options = { suite, packages, withDependencies: true, progress, env };
      await withDebianPackages(options, (unpacked) => keep(unpacked, aside)).catch(
        (error: unknown) => {
          throw noWay(messageOf(error));
        },
      );
    },
    progress,
  });
  return commandIn(directory);
}

export function reportChromium(env: NodeJS.ProcessEnv = process.env): ToolReport {
  const name = "chromium";
  const onPath = findChromium(env);
  if (onPath !== undefined) return { name, status: "ready", from: onPath };
  const suite = hostSuite();
  if (suite !== undefined && existsSync(cached(suite, env))) {
    return { name, status: "ready", version: suite, from: cached(suite, env) };
  }
  const obstacle = suite === undefined ? "this is no Debian system" : obstacleToDebianPackages(env);
  if (obstacle !== undefined) {
    const from = `not on PATH, and ${obstacle}: the dashboard's tests in a browser are left out`;
    return { name, status: "optional", from, remedy };
  }
  return {
    ...{ name, status: "obtainable" },
    ...(suite !== undefined && { version: suite }),
    from: "Debian's mirror, by apt-get download: 90 MB, for the dashboard's tests",
    remedy: "`make test` gets it.",
  };
}

function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  return names.map((name) => findOnPath(name, env)).find((file) => file !== undefined);
}

function cached(suite: string, env: NodeJS.ProcessEnv): string {
  return join(cacheDirectory(env), "chromium", `debian-${suite}-${process.arch}`);
}

/** Debian's release on this machine; undefined on other systems. */
function hostSuite(): string | undefined {
  const file = "/etc/os-release";
  if (libraryFolder === undefined || !existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  return /^ID=debian$/m.test(text) ? /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] : undefined;
}

async function keep(unpacked: string, aside: string): Promise<void> {
  for (const folder of ["lib", join("share", "fonts")]) {
    const from = join(unpacked, "usr", folder);
    const options = { recursive: true, verbatimSymlinks: true };
    if (existsSync(from)) await cp(from, join(aside, "usr", folder), options);
  }
  await mkdir(join(aside, "etc"));
  // Its own, because a host without fonts has no configuration of them either.
  await writeFile(
    join(aside, "etc", "fonts.conf"),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir prefix="relative">../usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
</fontconfig>
`,
  );
}

function commandIn(directory: string): ChromiumCommand {
  const libraries = join(directory, "usr", "lib", libraryFolder ?? "");
  return {
    executablePath: join(directory, "usr", "lib", "chromium", "chromium-headless-shell"),
    args: rights(),
    env: {
      LD_LIBRARY_PATH: `${libraries}:${join(libraries, "pulseaudio")}`,
      FONTCONFIG_FILE: join(directory, "etc", "fonts.conf"),
    },
  };
}

/** Chromium refuses to run as root with its sandbox. */
function rights(): string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}

function noWay(why: string): LocalError {
  return new LocalError(`There is no Chromium on PATH, and Debian's can't be had: ${why}.`, {
    remedy,
  });
}
