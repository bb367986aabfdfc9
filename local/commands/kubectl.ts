import { execa } from "execa";
import { LocalError } from "../errors.ts";
import { LocalNetwork } from "../network/network.ts";
import { ensureKubernetes } from "../tools/kubernetes.ts";
import type { CommandContext } from "./context.ts";

/**
 * Runs the `kubectl` of the local cluster's own version on it; gives back its exit code.
 *
 * @throws LocalError when the cluster does not run
 */
export async function kubectl(context: CommandContext, args: readonly string[]): Promise<number> {
  const environment = new LocalNetwork(context.project).cluster.environment();
  if (environment === undefined) {
    throw new LocalError("The local Kubernetes does not run.", { remedy: "Run `make up` first." });
  }
  const { kubectl: binary } = await ensureKubernetes(() => undefined, context.env);
  const env = { ...context.env, ...environment };
  const { exitCode } = await execa(binary, args, {
    env,
    extendEnv: false,
    stdio: "inherit",
    reject: false,
  });
  return exitCode ?? 1;
}
