/** Imports go one way (docs/architecture.md): index → components → dynamic-providers → settings → aleo. */
const layers = [
  "aleo",
  "config-namespace.ts",
  "settings.ts",
  "dynamic-providers",
  "components",
  "index.ts",
];
const pathOf = (layer) => (layer.endsWith(".ts") ? `^${layer.replace(".", "\\.")}$` : `^${layer}/`);

/** Each layer may import the layers before it, and none behind it. */
const upwards = layers.slice(0, -1).map((layer, position) => ({
  name: `${layer}-imports-nothing-above`,
  severity: "error",
  from: { path: pathOf(layer) },
  to: { path: layers.slice(position + 1).map(pathOf) },
}));

module.exports = {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    ...upwards,
    {
      name: "aleo-knows-nothing-of-pulumi",
      severity: "error",
      from: { path: "^aleo/" },
      to: { path: "(^|/)node_modules/@pulumi/" },
    },
    {
      name: "local-stands-alone",
      severity: "error",
      from: { path: "^local/" },
      to: { path: "^(?!local/|node_modules/)", dependencyTypesNot: ["core"] },
    },
    {
      name: "operations-need-no-pulumi",
      comment: "They work while Pulumi's state is locked or lost.",
      severity: "error",
      from: { path: "^operations/" },
      to: {
        path: ["^components/", "^dynamic-providers/", "^local/", "(^|/)node_modules/@pulumi/"],
      },
    },
    {
      name: "monitor-knows-the-chain-only",
      severity: "error",
      from: { path: "^monitor/" },
      to: { path: "^(?!monitor/|aleo/|node_modules/)", dependencyTypesNot: ["core"] },
    },
    {
      name: "policies-stand-alone",
      severity: "error",
      from: { path: "^policies/" },
      to: { path: "^(?!policies/|node_modules/)", dependencyTypesNot: ["core"] },
    },
    {
      name: "nothing-imports-the-entry-points",
      comment: "index.ts and operations/ are where runs begin.",
      severity: "error",
      from: { pathNot: ["^operations/", "^tests/", "^bench/"] },
      to: { path: ["^index\\.ts$", "^operations/"] },
    },
    {
      name: "providers-load-the-chain-when-called",
      comment:
        "What a provider imports as a value at module level is written into the state: aleo/ is loaded with import() inside its methods.",
      severity: "error",
      from: { path: "^dynamic-providers/[^/]+\\.ts$" },
      to: { path: "^aleo/", dependencyTypesNot: ["type-only", "dynamic-import"], dynamic: false },
    },
    {
      name: "only-tests-import-tests",
      severity: "error",
      from: { pathNot: ["^tests/", "^bench/"] },
      to: { path: "^tests/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: ["^coverage/", "^\\.state/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node"] },
  },
};
