import { existsSync } from "node:fs";
import { chmod, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { findOnPath, isExecutable } from "./executable.ts";
import { buildGo } from "./go-build.ts";
import { type ReleaseArchive, ReleaseUnreachable, unpackRelease } from "./release-archive.ts";
import type { Progress, ToolReport } from "./tool.ts";

export const pulumiVersion = "3.259.0";

export interface Pulumi {
  readonly binary: string;
  readonly source: "path" | "release" | "built";
}

const module = "github.com/pulumi/pulumi";
const moduleDirectory = join(import.meta.dirname, "pulumi-cli");
const bundled = ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"] as const;

/**
 * The pinned CLI that is already here: on PATH with its nodejs language host, unpacked from the
 * release, or built. Nothing is downloaded or built.
 */
export async function findPulumi(
  env: NodeJS.ProcessEnv = process.env,
): Promise<Pulumi | undefined> {
  const onPath = findOnPath("pulumi", env);
  if (onPath !== undefined && (await fits(onPath, env))) {
    return { binary: onPath, source: "path" };
  }
  for (const source of ["release", "built"] as const) {
    const binary = join(cached(source, env), "pulumi");
    if (existsSync(binary)) return { binary, source };
  }
  return undefined;
}

/**
 * Finds the pinned CLI, or gets it: from its official release, or by building its Go module where
 * the release can't be reached.
 *
 * @throws LocalError when none of these ways is open, or when a download is not the published one
 */
export async function ensurePulumi(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
  release: ReleaseArchive = officialRelease(),
): Promise<Pulumi> {
  const found = await findPulumi(env);
  if (found !== undefined) return found;
  try {
    const directory = await ensureCached({
      directory: cached("release", env),
      make: (aside) => unpackRelease(release, aside, progress),
      progress,
    });
    return { binary: join(directory, "pulumi"), source: "release" };
  } catch (error) {
    if (!(error instanceof ReleaseUnreachable)) throw error;
    progress(`release not reached (${error.message})`);
  }
  const directory = await ensureCached({
    directory: cached("built", env),
    make: (aside) => build(aside, progress, env),
    progress,
  });
  return { binary: join(directory, "pulumi"), source: "built" };
}

export async function reportPulumi(env: NodeJS.ProcessEnv = process.env): Promise<ToolReport[]> {
  const found = await findPulumi(env);
  if (found !== undefined) {
    const standIn = found.source === "built";
    return [
      {
        name: "pulumi",
        status: "ready",
        version: pulumiVersion,
        from: `${found.binary} (${standIn ? "built from its Go module" : found.source})`,
      },
      {
        name: "nodejs language host",
        status: "ready",
        from: standIn ? "the stand-in in local/language-host" : "the real one, with the CLI",
      },
    ];
  }
  const onPath = findOnPath("pulumi", env);
  const why =
    onPath === undefined
      ? ""
      : ` (${onPath} is not ${pulumiVersion} with its language host: it is not used)`;
  const ways = `its release from get.pulumi.com or GitHub, else its Go module${why}`;
  const remedy = `Run \`make tools\`. Where neither host is reached it needs Go on PATH.`;
  return [
    { name: "pulumi", status: "obtainable", version: pulumiVersion, from: ways, remedy },
    { name: "nodejs language host", status: "obtainable", from: "comes with the CLI", remedy },
  ];
}

/** The version that `pulumi version` prints, without its `v`. */
export function parsePulumiVersion(printed: string): string | undefined {
  return /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\s*$/.exec(printed.trim())?.[1];
}

/** The names under which Pulumi publishes a release for this machine. */
export function officialRelease(
  platform: string = process.platform,
  arch: string = process.arch,
): ReleaseArchive {
  return {
    bases: [
      "https://get.pulumi.com/releases/sdk",
      `https://${module}/releases/download/v${pulumiVersion}`,
    ],
    archive: `pulumi-v${pulumiVersion}-${platform}-${arch}.tar.gz`,
    checksums: `pulumi-${pulumiVersion}-checksums.txt`,
  };
}

function cached(source: "release" | "built", env: NodeJS.ProcessEnv): string {
  return join(cacheDirectory(env), "pulumi", `${pulumiVersion}-${source}`);
}

async function fits(binary: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { stdout, failed } = await execa(binary, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  });
  if (failed || parsePulumiVersion(stdout) !== pulumiVersion) return false;
  const beside = dirname(await realpath(binary));
  return bundled.every(
    (name) => isExecutable(join(beside, name)) || findOnPath(name, env) !== undefined,
  );
}

async function build(aside: string, progress: Progress, env: NodeJS.ProcessEnv): Promise<void> {
  await buildGo(
    {
      name: `the Pulumi CLI ${pulumiVersion}`,
      module: moduleDirectory,
      packages: [`${module}/pkg/v3/cmd/pulumi`],
      versionFlag: `${module}/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
      output: join(aside, "pulumi"),
      why: `The Pulumi CLI ${pulumiVersion} can't be downloaded here`,
    },
    progress,
    env,
  );
  await writeStandIns(aside);
}

/**
 * A build of the Go module has no nodejs language host. The engine looks for one beside its own
 * binary: these two hand over to the project that runs it.
 */
async function writeStandIns(directory: string): Promise<void> {
  for (const name of bundled) {
    const file = join(directory, name);
    await writeFile(
      file,
      `#!/bin/sh
# Stand-in for Pulumi's own ${name}: hands over to local/language-host of aleo-ops.
exec "\${ALEO_OPS_LANGUAGE_HOST:?run pulumi through make of aleo-ops}/${name}" "$@"
`,
    );
    await chmod(file, 0o755);
  }
}
