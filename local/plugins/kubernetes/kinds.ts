/** A kind that the plugin serves. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /**
   * Paths whose change makes a new object: those of pulumi-kubernetes 4.34 (provider/pkg/provider/diff.go).
   * The name and the namespace are so for every kind.
   */
  readonly replacing?: readonly string[];
}

const monitoring = "monitoring.coreos.com/v1";

export const kinds: readonly Kind[] = [
  { apiVersion: "v1", kind: "Namespace" },
  { apiVersion: "v1", kind: "ServiceAccount" },
  // Changed in place, as with the provider's `enableConfigMapMutable`, which the stack sets.
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret", replacing: ["type", "data", "stringData"] },
  { apiVersion: "v1", kind: "Service", replacing: ["spec.clusterIP"] },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    replacing: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    replacing: [
      "spec.podManagementPolicy",
      "spec.revisionHistoryLimit",
      "spec.selector",
      "spec.serviceName",
      "spec.volumeClaimTemplates",
    ],
  },
  { apiVersion: "batch/v1", kind: "CronJob" },
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress" },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
  { apiVersion: monitoring, kind: "ServiceMonitor" },
  { apiVersion: monitoring, kind: "PrometheusRule" },
];

/** As in a URN: `kubernetes:core/v1:Secret`. */
export function tokenOf({ apiVersion, kind }: Kind): string {
  return `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`;
}
