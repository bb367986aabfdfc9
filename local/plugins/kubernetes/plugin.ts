import { servePlugin } from "../server/serve.ts";
import type { Cluster } from "./cluster.ts";
import { kinds } from "./kinds.ts";
import { knownSettings } from "./known-settings.ts";
import { objectType } from "./object-type.ts";

/** A stand-in for pulumi-kubernetes: server-side apply of the kinds that this project declares. */
await servePlugin<Cluster>({
  name: "kubernetes",
  version: "4.34.2",
  connect: async (settings) => (await import("./cluster.ts")).connect(settings, process.env),
  credentials: ({ kubeconfig }) => [typeof kubeconfig === "string" ? kubeconfig : undefined],
  checkConfig: (settings) =>
    Object.keys(settings)
      .filter((name) => !knownSettings.includes(name))
      .map((property) => ({
        property,
        reason: `the stand-in for the kubernetes provider knows ${knownSettings.join(", ")} only`,
      })),
  types: kinds.map(objectType),
});
