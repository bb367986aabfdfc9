import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../local/paths.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface ProjectDirectory {
  readonly path: string;
  /** Replaces index.ts. */
  readonly write: (program: string) => void;
  readonly remove: () => void;
}

/** What a project in a test has of its own: Pulumi's files, its program, its state. */
const notShared = /^(\.|Pulumi\.|package(-lock)?\.json$|index\.ts$|tests$|coverage$|Makefile$)/;

/** A Pulumi project in a temporary directory, in which the rest of this repository is linked. */
export function createProjectDirectory(label: string, program: string): ProjectDirectory {
  const { path, remove } = temporaryDirectory(label);
  const write = (text: string) => {
    writeFileSync(join(path, "index.ts"), text);
  };
  for (const name of readdirSync(projectDirectory).filter((entry) => !notShared.test(entry))) {
    symlinkSync(join(projectDirectory, name), join(path, name));
  }
  writeFileSync(
    join(path, "Pulumi.yaml"),
    "name: aleo-ops\nmain: index.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(path, "package.json"), '{ "type": "module" }\n');
  write(program);
  return { path, write, remove };
}
