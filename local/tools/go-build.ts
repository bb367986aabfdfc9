import { execa } from "execa";
import { LocalError, messageOf } from "../errors.ts";
import { findOnPath } from "./executable.ts";
import type { Progress } from "./tool.ts";

export interface GoBuild {
  /** As people call what is built, with its version. */
  readonly name: string;
  /** The directory with the module's go.mod and go.sum, which pin everything. */
  readonly module: string;
  readonly packages: readonly string[];
  /** For the linker's `-X`: a variable that tells the program its version. */
  readonly versionFlag: string;
  /** A file for one package, a directory (with a slash at its end) for several. */
  readonly output: string;
  /** Why it has to be built: the beginning of a sentence that goes on with "and Go …". */
  readonly why: string;
}

/**
 * Builds programs from a Go module with the versions that its go.sum pins.
 *
 * @throws LocalError without Go, or with the last lines that Go said
 */
export async function buildGo(
  build: GoBuild,
  progress: Progress,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { name, module, packages, versionFlag, output, why } = build;
  if (findOnPath("go", env) === undefined) {
    throw new LocalError(`${why}, and Go, which would build it, is not on PATH.`, {
      remedy: "Install Go 1.21 or newer (https://go.dev/dl), then run `make tools` again.",
    });
  }
  const child = execa(
    "go",
    [
      "build",
      "-v",
      "-mod=readonly",
      ...["-ldflags", `-s -w -X ${versionFlag}`],
      ...["-o", output],
      ...packages,
    ],
    { cwd: module, env, extendEnv: false, all: true, stdin: "ignore" },
  );
  let compiled = 0;
  const last: string[] = [];
  try {
    for await (const line of child.iterable({ from: "all" })) {
      last.push(line);
      if (last.length > 20) last.shift();
      if (line.startsWith("go: downloading")) progress(line);
      else progress(`built ${++compiled} packages of its Go module, now ${line}`);
    }
  } catch (error) {
    throw new LocalError(
      `The build of ${name} failed (${messageOf(error).split("\n")[0] ?? ""}):\n${last.join("\n")}`,
      { remedy: "Look at what Go says above, then run `make tools` again.", cause: error },
    );
  }
}
