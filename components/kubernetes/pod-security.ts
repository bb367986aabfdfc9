import type { core } from "@pulumi/kubernetes/types/input.js";

/** The user `nonroot` of the distroless images. */
const nonRoot = 65_532;

/** What the Pod Security level `restricted` asks of a pod, and a group that may write its volumes. */
export const podSecurity: core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: nonRoot,
  runAsGroup: nonRoot,
  fsGroup: nonRoot,
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
};

/** What the Pod Security level `restricted` asks of a container, and a root that can't be written. */
export const containerSecurity: core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
};

/** Makes a namespace refuse every pod that is not so, and say so when it is declared. */
export const restrictedNamespace = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};

/** The one place besides its volumes where a container may write. */
export const scratch = {
  volume: (sizeLimit: string): core.v1.Volume => ({ name: "tmp", emptyDir: { sizeLimit } }),
  mount: { name: "tmp", mountPath: "/tmp" } satisfies core.v1.VolumeMount,
};
