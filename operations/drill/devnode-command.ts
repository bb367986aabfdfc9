import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../../aleo/cache-directory.ts";
import { type Environment, given } from "../../aleo/environment.ts";
import { DrillError } from "./drill-error.ts";

/** How to start a devnode on this machine: `file` with `leading` before its own arguments. */
interface DevnodeCommand {
  readonly file: string;
  readonly leading: readonly string[];
}

const packageName = `@provablehq/aleo-devnode-${process.platform}-${process.arch}`;
/** The oldest glibc that the package's binary runs with, as major × 1000 + minor. */
const neededGlibc = 2_038;

/**
 * ALEO_DEVNODE names an executable; else it is the one of the npm package, where the host's glibc is
 * too old for it with the newer one that `make tools` has fetched.
 * @throws DrillError
 */
export function devnodeCommand(environment: Environment): DevnodeCommand {
  const named = given(environment, "ALEO_DEVNODE");
  if (named !== undefined) return { file: named, leading: [] };
  const binary = packagedBinary();
  if (binary === undefined) {
    throw new DrillError(`There is no devnode: the npm package ${packageName} is not installed.`, {
      remedy:
        "Install it (`npm ci` without --omit=optional), or set ALEO_DEVNODE to an executable aleo-devnode.",
    });
  }
  if (process.platform !== "linux" || hostGlibc() >= neededGlibc) {
    return { file: binary, leading: [] };
  }
  const loader = fetchedLoader(environment);
  if (loader !== undefined) {
    return { file: loader, leading: ["--library-path", dirname(loader), binary] };
  }
  throw new DrillError(
    `The devnode of ${packageName} needs glibc 2.38; this system has an older one.`,
    {
      remedy:
        "Run `make tools`, which fetches a newer one, or set ALEO_DEVNODE to an executable aleo-devnode.",
    },
  );
}

function packagedBinary(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    return join(dirname(manifest), "bin", "aleo-devnode");
  } catch {
    return undefined;
  }
}

/** 0 for another libc. */
function hostGlibc(): number {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? "0.0").split(".").map(Number);
  return major * 1_000 + minor;
}

/** Of the libc that local/tools/newer-libc.ts has put into the cache. */
function fetchedLoader(environment: Environment): string | undefined {
  const [folder, loader] =
    process.arch === "arm64"
      ? ["aarch64-linux-gnu", "ld-linux-aarch64.so.1"]
      : ["x86_64-linux-gnu", "ld-linux-x86-64.so.2"];
  const tree = join(cacheDirectory(environment), "libc", `debian-trixie-${process.arch}`);
  const file = join(tree, "usr", "lib", folder, loader);
  return existsSync(file) ? file : undefined;
}
