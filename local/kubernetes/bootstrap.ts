import type { Api } from "./api.ts";

/** The class of volumes that the node makes: a folder on this machine. */
const storageClass = "local";
export const provisionerName = "aleo-ops.local/folder";

const volumeRole = "aleo-ops-volume-provisioner";

/** What a cluster holds before anything is declared in it. */
const objects = [
  {
    path: `/apis/storage.k8s.io/v1/storageclasses/${storageClass}`,
    object: {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: storageClass,
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: provisionerName,
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
    },
  },
  {
    path: `/apis/rbac.authorization.k8s.io/v1/clusterroles/${volumeRole}`,
    object: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: volumeRole },
      rules: [
        {
          apiGroups: [""],
          resources: ["persistentvolumes"],
          verbs: ["get", "list", "watch", "create", "delete"],
        },
        { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "watch"] },
      ],
    },
  },
  {
    path: `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${volumeRole}`,
    object: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: volumeRole },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: volumeRole },
      subjects: [
        { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "system:node:local" },
      ],
    },
  },
] as const;

/** Makes what is missing; what is there is left as it is, or brought back to this. */
export async function bootstrap(api: Api): Promise<void> {
  for (const { path, object } of objects) await api.patch(path, "apply", object);
}
