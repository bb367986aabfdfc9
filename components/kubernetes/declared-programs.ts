import type { core } from "@pulumi/kubernetes/types/input.js";
import type * as pulumi from "@pulumi/pulumi";

const mountPath = "/etc/aleo-ops/programs";
const file = "programs.json";

/** How a pod has the checksums of the programs that the stack declares, which its image may not know. */
export const declaredPrograms = {
  /** The data of their ConfigMap. */
  data: (checksums: Readonly<Record<string, string>>) => ({
    [file]: `${JSON.stringify(checksums, undefined, 2)}\n`,
  }),
  variables: { MONITOR_PROGRAMS: `${mountPath}/${file}` },
  mount: { name: "programs", mountPath, readOnly: true } satisfies core.v1.VolumeMount,
  volume: (configMap: pulumi.Input<string>): core.v1.Volume => ({
    name: "programs",
    configMap: { name: configMap },
  }),
};
