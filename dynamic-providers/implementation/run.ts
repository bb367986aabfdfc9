import { configNamespace } from "../../config-namespace.ts";

let get: ((key: string) => string | undefined) | undefined;

/** Called by Pulumi before anything else, once for each kind of resource in a provider process. */
export function configure(getConfig: (key: string) => string | undefined): void {
  get = getConfig;
}

/** The text of a key of the stack's configuration, named without its namespace. */
export function configured(key: string): string | undefined {
  if (get === undefined) throw new Error("configure was not called");
  return get(`${configNamespace}:${key}`);
}

/** Sources of the programs that this run has checked, by id: what an import may rely on. */
export const declared = new Map<string, string>();
