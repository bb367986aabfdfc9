import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const projectDirectory = resolve(import.meta.dirname, "..");

/** Where tools are kept, outside the repository, so that all its checkouts share them. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG base directory specification tells programs to ignore a relative path.
  return join(base?.startsWith("/") ? base : join(homedir(), ".cache"), "aleo-ops");
}

/** The files of the network `local`: everything that `make reset` deletes. */
export interface LocalState {
  readonly directory: string;
  readonly ledger: string;
  readonly devnodeRecord: string;
  readonly devnodeLog: string;
  readonly pulumiBackend: string;
  readonly pulumiHome: string;
  readonly journal: string;
}

export function localState(project: string = projectDirectory): LocalState {
  const directory = join(project, ".state", "local");
  return {
    directory,
    ledger: join(directory, "ledger"),
    devnodeRecord: join(directory, "devnode.json"),
    devnodeLog: join(directory, "devnode.log"),
    pulumiBackend: join(directory, "pulumi"),
    pulumiHome: join(directory, "pulumi-home"),
    journal: join(project, ".state", "journal", "local"),
  };
}
