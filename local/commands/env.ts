import { join } from "node:path";
import { LocalError } from "../errors.ts";
import { runningMonitor } from "../kubernetes/running-monitor.ts";
import { LocalNetwork } from "../network/network.ts";
import type { CommandContext } from "./context.ts";

/**
 * Lines for a shell, after which `aleo-ops` and the commands of the pages work on the local network:
 * the commands of the project on the PATH, and the addresses and keys of what runs.
 *
 * @throws LocalError when the local network does not run
 */
export async function shellLines({ project }: CommandContext): Promise<string> {
  const running = new LocalNetwork(project).environment();
  if (running.ALEO_NODE_URL === undefined) {
    throw new LocalError("The network local is not up: its Ledger does not run.", {
      remedy: "Run `make up` first.",
    });
  }
  const { KUBECONFIG: kubeconfig } = running;
  const monitor = kubeconfig === undefined ? {} : await runningMonitor(kubeconfig);
  // The network is named as well: a command for another one is then refused, not sent here.
  const variables: NodeJS.ProcessEnv = { ALEO_NETWORK: "local", ...running, ...monitor };
  return [
    `export PATH=${quoted(join(project, "node_modules", ".bin"))}:"$PATH"`,
    ...Object.entries(variables).map(([name, value]) =>
      value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`,
    ),
  ].join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
