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
  readonly aws: ServiceState;
  readonly pagerDuty: ServiceState;
  /** The directory of the cluster, which keeps its own files. */
  readonly kubernetes: string;
}

interface ServiceState {
  readonly directory: string;
  readonly record: string;
  readonly log: string;
}

export function localState(project: string = projectDirectory): LocalState {
  const directory = join(project, ".state", "local");
  const service = (name: string): ServiceState => ({
    directory: join(directory, name),
    record: join(directory, `${name}.json`),
    log: join(directory, `${name}.log`),
  });
  return {
    directory,
    ledger: join(directory, "ledger"),
    devnodeRecord: join(directory, "devnode.json"),
    devnodeLog: join(directory, "devnode.log"),
    pulumiBackend: join(directory, "pulumi"),
    pulumiHome: join(directory, "pulumi-home"),
    journal: join(project, ".state", "journal", "local"),
    aws: service("aws"),
    pagerDuty: service("pagerduty"),
    kubernetes: join(directory, "kubernetes"),
  };
}
