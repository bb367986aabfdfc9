/** Settings of `kubernetes.Provider` that this plugin knows; `version` is the engine's own. */
export const knownSettings: readonly string[] = [
  "kubeconfig",
  "context",
  "cluster",
  // What is changed in place stands in kinds.ts.
  "enableConfigMapMutable",
  "enablePatchForce",
  "version",
];
