import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { LocalError, messageOf } from "../errors.ts";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { findOnPath } from "./executable.ts";
import type { Progress, ToolReport } from "./tool.ts";

/** Every package that moto needs, with its version and its hashes. */
const requirements = join(import.meta.dirname, "moto-requirements.txt");
const oldestPython = [3, 10] as const;

/**
 * Finds the Python of a virtual environment that has moto, or makes one.
 *
 * @throws LocalError when there is no fitting Python, or when its packages can't be had
 */
export async function ensureMoto(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const python = await findPython(env);
  if (typeof python === "string") throw withoutPython(python);
  const directory = await ensureCached({
    directory: environmentOf(python, env),
    make: (aside) => install(python, aside, progress, env),
    progress,
  });
  return join(directory, "bin", "python");
}

export async function reportMoto(env: NodeJS.ProcessEnv = process.env): Promise<ToolReport> {
  const report = { name: "moto", version: motoVersion() };
  const python = await findPython(env);
  if (typeof python === "string") {
    const { message, remedy } = withoutPython(python);
    return { ...report, status: "missing", from: message, remedy };
  }
  const directory = environmentOf(python, env);
  return existsSync(directory)
    ? { ...report, status: "ready", from: directory }
    : {
        ...report,
        status: "obtainable",
        from: `PyPI, with ${python.file}`,
        remedy: "`make up` gets it.",
      };
}

interface Python {
  readonly file: string;
  readonly version: string;
}

/** The Python on PATH, or why it does not do. */
async function findPython(env: NodeJS.ProcessEnv): Promise<Python | string> {
  const file = findOnPath("python3", env);
  if (file === undefined) return "python3 is not on PATH";
  const ask = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
  const { stdout, stderr, failed } = await execa(file, ["-c", ask], {
    env,
    extendEnv: false,
    reject: false,
  });
  if (failed)
    return `${file} can't make virtual environments (${stderr.trim().split("\n").at(-1) ?? ""})`;
  const [major = 0, minor = 0] = stdout.split(".").map(Number);
  if (major !== oldestPython[0] || minor < oldestPython[1]) return `${file} is Python ${stdout}`;
  return { file, version: stdout };
}

function withoutPython(why: string): LocalError {
  return new LocalError(`The local S3, KMS and IAM need Python, and ${why}.`, {
    remedy: `Install Python ${oldestPython.join(".")} or newer with venv (Debian: apt install python3-venv).`,
  });
}

function environmentOf(python: Python, env: NodeJS.ProcessEnv): string {
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 8);
  return join(cacheDirectory(env), "moto", `${motoVersion()}-${hash}-python${python.version}`);
}

function motoVersion(): string {
  return /^moto==(\S+)/m.exec(readFileSync(requirements, "utf8"))?.[1] ?? "";
}

async function install(
  python: Python,
  directory: string,
  progress: Progress,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const options = { env, extendEnv: false, all: true, stdin: "ignore" } as const;
  try {
    progress(`making a virtual environment of Python ${python.version}`);
    await execa(python.file, ["-m", "venv", directory], options);
    const child = execa(
      join(directory, "bin", "python"),
      [
        ...["-m", "pip", "install", "--require-hashes", "--no-input"],
        ...["--disable-pip-version-check", "--progress-bar", "off", "-r", requirements],
      ],
      options,
    );
    for await (const line of child.iterable({ from: "all" })) {
      if (/^(Collecting|Downloading|Installing)/.test(line.trim())) progress(line.trim());
    }
  } catch (error) {
    throw new LocalError(`moto ${motoVersion()} could not be installed: ${messageOf(error)}`, {
      remedy: "Look at what pip says above: it needs PyPI or a mirror of it (pip config).",
      cause: error,
    });
  }
}
