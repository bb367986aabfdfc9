import type { core } from "@pulumi/kubernetes/types/input.js";
import { mailVariables } from "../kubernetes/alert-routes.ts";
import { declaredPrograms } from "../kubernetes/declared-programs.ts";
import { plainVariables } from "../kubernetes/environment.ts";
import { containerSecurity, scratch } from "../kubernetes/pod-security.ts";
import { type MonitorArgs, part } from "./monitor-args.ts";

const databaseMount = "/var/lib/aleo-ops";
const rulesMount = "/etc/aleo-ops/rules";

export function monitorContainer(
  args: MonitorArgs,
  port: number,
  secrets: readonly core.v1.EnvVar[],
): core.v1.Container {
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 5 });
  return {
    name: part,
    image: args.image,
    args: ["monitor", "--network", args.network],
    ports: [{ name: "http", containerPort: port }],
    env: [
      ...plainVariables({
        ALEO_NETWORK: args.network,
        ALEO_NODE_URL: args.endpoints.join(","),
        MONITOR_DATABASE: `${databaseMount}/monitor.sqlite`,
        MONITOR_RULES: rulesMount,
        ...declaredPrograms.variables,
        // Its loopback address too, which is where `kubectl port-forward` knocks.
        MONITOR_HOST: "::",
        MONITOR_PORT: String(port),
        TMPDIR: scratch.mount.mountPath,
        // What was downloaded and is free again goes back to the system: 25 MB less stay resident.
        MALLOC_ARENA_MAX: "1",
        ...mailVariables(args.mail),
        ...args.environment,
      }),
      ...secrets,
    ],
    securityContext: containerSecurity,
    resources: {
      requests: { cpu: "50m", memory: "192Mi" },
      limits: { cpu: "1", memory: "384Mi" },
    },
    startupProbe: { ...probe("/healthz"), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...probe("/healthz"), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, failureThreshold: 3 },
    volumeMounts: [
      { name: "database", mountPath: databaseMount },
      { name: "rules", mountPath: rulesMount, readOnly: true },
      declaredPrograms.mount,
      scratch.mount,
    ],
  };
}
