import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { LocalError } from "../errors.ts";
import { localState } from "../paths.ts";
import { cluster } from "./cluster.ts";
import { ledger } from "./ledger.ts";
import { objectStore } from "./object-store.ts";
import { pager } from "./pager.ts";
import type { Part } from "./part.ts";

const usualPort = 3030;

/** The network `local` of a project: its processes, which outlive the command that starts them. */
export class LocalNetwork {
  readonly ledger: Part;
  readonly objectStore: Part;
  readonly pager: Part;
  readonly cluster: Part;
  readonly #project: string;

  /** @param port of the ledger where it is to be started; those of other parts follow it */
  constructor(project: string, port: number = usualPort) {
    const state = localState(project);
    this.ledger = ledger(state, port);
    this.objectStore = objectStore(state, port + 1);
    this.pager = pager(state, port + 2);
    this.cluster = cluster(state, project);
    this.#project = project;
  }

  /** Every part that the network can have, those that others need first. */
  get all(): Part[] {
    return [this.ledger, this.objectStore, this.pager, this.cluster];
  }

  /**
   * The parts that stack `local` declares something for: the others need no process.
   * @throws LocalError where Pulumi.local.yaml can't be read
   */
  get declared(): Part[] {
    const has = declarations(this.#project);
    const ownCluster = has("cluster") && !has("kubeContext");
    return [
      this.ledger,
      ...(has("backups") ? [this.objectStore] : []),
      ...(has("escalation") ? [this.pager] : []),
      ...(ownCluster ? [this.cluster] : []),
    ];
  }

  /** How Pulumi, its plugins and the operations reach what runs. */
  environment(): NodeJS.ProcessEnv {
    const each = this.declared.map((part) => part.environment());
    return Object.assign({}, ...each) as NodeJS.ProcessEnv;
  }

  /** Ends what runs, in the reverse order; gives back the titles of the parts that ran. */
  async stop(): Promise<string[]> {
    const stopped: string[] = [];
    for (const part of this.all.toReversed()) {
      if (await part.stop()) stopped.push(part.title);
    }
    return stopped;
  }
}

function declarations(project: string): (key: string) => boolean {
  const file = join(project, "Pulumi.local.yaml");
  if (!existsSync(file)) return () => false;
  try {
    const stack = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null;
    return (key) => stack?.config?.[`aleo-ops:${key}`] !== undefined;
  } catch (error) {
    throw new LocalError(`Pulumi.local.yaml is not a stack's file: ${String(error)}`, {
      remedy: "Correct it, or take the last version from the repository.",
      cause: error,
    });
  }
}
