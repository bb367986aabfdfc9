import type { Network } from "../../aleo/network.ts";
import { refusal } from "../common/refusal.ts";
import { requireKnownVariables, requireVariableNames } from "../kubernetes/environment.ts";
import { requirePinnedImage } from "../kubernetes/image.ts";
import { portsOf } from "../kubernetes/network-access.ts";
import { type MonitorArgs, monitorSecrets } from "./monitor-args.ts";

/** @throws pulumi.RunError that names the argument that the monitor or Kubernetes would refuse */
export function requireSound(args: MonitorArgs): void {
  requirePinnedImage(args.image, args.network);
  requireRules(args.rules, args.network);
  portsOf(args.endpoints);
  requireVariableNames(args.environment ?? {}, "environment");
  requireKnownVariables(args.secrets?.values ?? {}, monitorSecrets, "secrets");
  const { port } = args;
  if (port !== undefined && (!Number.isInteger(port) || port < 1024 || port > 65_535)) {
    throw refusal(
      `port is ${port}, which a process without rights can't listen on.`,
      "Set a port from 1024 to 65535, or leave it out for 8080.",
    );
  }
}

/** What to warn of: a monitor that is dead tells nobody that it is. */
export function unwatched({ network, monitoring, secrets = {} }: MonitorArgs): string | undefined {
  const hasHeartbeat = "HEARTBEAT_URL" in (secrets.values ?? {}) || secrets.existing !== undefined;
  if (network === "local" || monitoring !== undefined || hasHeartbeat) return undefined;
  return `Nobody would notice that the monitor of ${network} is dead.\n  What to do: Set the secret heartbeatUrl to a dead man's switch, which the monitor asks after each look at the chain, or monitoring (of aleo-ops:cluster) where the cluster has the Prometheus operator.`;
}

/** A ConfigMap holds at most 1 MiB. */
const mostBytes = 1_000_000;

function requireRules(rules: Readonly<Record<string, string>>, network: Network): void {
  const names = Object.keys(rules);
  if (!names.includes(`${network}.yaml`)) {
    throw refusal(
      `rules holds no file ${network}.yaml, which the monitor reads on this network.`,
      "Give the files of monitor/rules by their names.",
    );
  }
  const wrong = names.find((file) => !/^[\w.-]{1,253}$/.test(file) || /^\.\.?$/.test(file));
  if (wrong !== undefined) {
    throw refusal(
      `rules names the file "${wrong}", which a ConfigMap can't hold.`,
      "Use letters, digits, dots, dashes and underscores, as testnet.yaml.",
    );
  }
  const bytes = names.reduce((sum, file) => sum + Buffer.byteLength(rules[file] ?? ""), 0);
  if (bytes > mostBytes) {
    throw refusal(
      `The rules are ${bytes} bytes, and a ConfigMap holds ${mostBytes}.`,
      "Take out what is no rule, or shorten the texts.",
    );
  }
}
