import { mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { cacheDirectory, type LocalState, projectDirectory } from "./paths.ts";
import { removeStaleLocks } from "./stale-locks.ts";
import { nodeDirectory } from "./tools/node.ts";
import type { Pulumi } from "./tools/pulumi.ts";

/**
 * Protects nothing: the secrets in the state of the network `local` open nothing outside this
 * machine, and Pulumi asks for a passphrase all the same.
 */
const localPassphrase = "local";

/** The environment in which the CLI runs a stack: the pinned tools first on PATH. */
export function pulumiEnvironment(
  pulumi: Pulumi,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  return {
    ...env,
    PATH: [nodeDirectory, dirname(pulumi.binary), env.PATH ?? ""].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Every run starts two Node processes that load the same modules: this halves what that takes.
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? join(cacheDirectory(env), "node-compile-cache"),
    // Where the scripts that stand in for provider plugins find them (tools/provider-plugins.ts).
    ALEO_OPS_PROVIDER_PLUGINS: join(projectDirectory, "local", "plugins"),
    ...(pulumi.source === "built" && {
      ALEO_OPS_LANGUAGE_HOST: join(projectDirectory, "local", "language-host"),
    }),
  };
}

/**
 * What the stack `local` needs besides: a backend and a home of its own, so that nothing of the
 * user's Pulumi is touched. Other stacks keep the user's own.
 */
export async function localBackendEnvironment(state: LocalState): Promise<NodeJS.ProcessEnv> {
  await mkdir(state.pulumiBackend, { recursive: true });
  await mkdir(state.pulumiHome, { recursive: true });
  await removeStaleLocks(state.pulumiBackend);
  return {
    // Without `metadata=skip` a run that is killed may leave the state unreadable: the backend writes
    // a second file beside each, in place.
    PULUMI_BACKEND_URL: `file://${state.pulumiBackend}?metadata=skip`,
    PULUMI_HOME: state.pulumiHome,
    PULUMI_CONFIG_PASSPHRASE: localPassphrase,
  };
}
