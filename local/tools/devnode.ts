import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LocalError } from "../errors.ts";
import { projectDirectory } from "../paths.ts";
import { findNewerLibc, newerLibcFolder, type NewerLibc, ensureNewerLibc } from "./newer-libc.ts";
import type { Progress, ToolReport } from "./tool.ts";

/** How to start the devnode on this machine: `file` with `leading` before its own arguments. */
export interface DevnodeCommand {
  readonly file: string;
  readonly leading: readonly string[];
}

interface DevnodePackage {
  readonly name: string;
  readonly version: string;
  readonly binary: string;
}

/** The oldest glibc that the prebuilt binary for Linux runs with. */
const neededGlibc = "2.38";

/** @throws LocalError when there is no devnode for this machine, or its libc can't be had */
export async function ensureDevnode(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<DevnodeCommand> {
  const { binary } = requirePackage();
  const need = libcNeed(process.platform, hostGlibc());
  if (need === "none") return { file: binary, leading: [] };
  if (need === "unusable") throw withoutGlibc();
  return through(await ensureNewerLibc(progress, env), binary);
}

export function reportDevnode(env: NodeJS.ProcessEnv = process.env): ToolReport[] {
  const found = findPackage();
  if (found === undefined) {
    const { message, remedy } = withoutPackage();
    return [{ name: "aleo-devnode", status: "missing", from: message, remedy }];
  }
  const devnode: ToolReport = {
    name: "aleo-devnode",
    status: "ready",
    version: found.version,
    from: found.binary,
  };
  const glibc = hostGlibc();
  switch (libcNeed(process.platform, glibc)) {
    case "none":
      return [devnode];
    case "unusable": {
      const { message, remedy } = withoutGlibc();
      return [{ ...devnode, status: "missing", from: message, remedy }];
    }
    case "newer":
      return [devnode, findNewerLibc(neededGlibc, glibc ?? "none", env)];
  }
}

export type LibcNeed = "none" | "newer" | "unusable";

/** Whether the prebuilt binary runs with the libc of the host, whose glibc version is given. */
export function libcNeed(platform: string, glibc: string | undefined): LibcNeed {
  if (platform !== "linux") return "none";
  if (glibc === undefined) return "unusable";
  return compareVersions(glibc, neededGlibc) >= 0 ? "none" : "newer";
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map(Number));
  for (let i = 0; i < Math.max(a?.length ?? 0, b?.length ?? 0); i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function through(libc: NewerLibc, binary: string): DevnodeCommand {
  const folder = newerLibcFolder(libc);
  return { file: libc.loader, leading: ["--library-path", folder, binary] };
}

function requirePackage(): DevnodePackage {
  const found = findPackage();
  if (found === undefined) throw withoutPackage();
  return found;
}

const packageName = `@provablehq/aleo-devnode-${process.platform}-${process.arch}`;

function findPackage(): DevnodePackage | undefined {
  try {
    const require = createRequire(join(projectDirectory, "package.json"));
    const file = require.resolve(`${packageName}/package.json`);
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    return { name: packageName, version, binary: join(file, "..", "bin", "aleo-devnode") };
  } catch {
    return undefined;
  }
}

/** The version of the glibc this process runs with, or undefined with another libc. */
function hostGlibc(): string | undefined {
  const { header } = process.report.getReport() as {
    header: { glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime;
}

function withoutPackage(): LocalError {
  return new LocalError(`The devnode's npm package ${packageName} is not installed.`, {
    remedy:
      "Run `npm ci` without --omit=optional. The devnode is published for Linux x64 and arm64 and macOS arm64 only.",
  });
}

function withoutGlibc(): LocalError {
  return new LocalError("The prebuilt devnode needs glibc; this system has another libc.", {
    remedy: "Use a system with glibc (Debian, Ubuntu, Fedora…) or a macOS machine.",
  });
}
