import { LineCounter, parseAllDocuments } from "yaml";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { Finding, Look } from "./finding.ts";
import type { Tree } from "./tree.ts";

/** Looks at Kubernetes manifests, and at what the components declare in code. */
export function kubernetesLook(tree: Tree): Look {
  const manifests = tree.files.filter(
    (file) => /\.ya?ml$/.test(file) && !file.startsWith(".github/"),
  );
  const components = tree.files.filter((file) => /^components\/.*\.ts$/.test(file));
  return {
    part: "Kubernetes",
    looked: `${manifests.length} YAML files, ${components.length} files of components/`,
    ...(components.length === 0 && { problem: "there is no components/ here" }),
    findings: [
      ...manifests.flatMap((file) => manifestFindings(file, tree.read(file) ?? "")),
      ...components.flatMap((file) => declarationFindings(file, tree.read(file) ?? "")),
    ],
  };
}

interface Risk {
  readonly rule: string;
  readonly severity: Severity;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

const risks = {
  wideRole: {
    rule: "wide-role",
    severity: "high",
    what: "a role with `*` for verbs or resources",
    why: "Whoever takes over a pod with it owns the namespace or the cluster, and every Secret in it.",
    remedy: "Name the verbs and the resources; the pods of this project need none.",
  },
  readsSecrets: {
    rule: "reads-secrets",
    severity: "high",
    what: "a role that reads Secrets",
    why: "The account's private key and PagerDuty's keys are Secrets.",
    remedy: "Hand a pod the Secret that it needs, and let no role read them.",
  },
  clusterAdmin: {
    rule: "cluster-admin",
    severity: "critical",
    what: "a binding to cluster-admin",
    why: "Whoever takes over a pod with it owns the cluster.",
    remedy: "Bind a role of the namespace with the verbs that are needed.",
  },
  privileged: {
    rule: "privileged-pod",
    severity: "high",
    what: "a pod that is privileged, or has the node's network, processes or files",
    why: "It is not kept apart from the node and from the other pods.",
    remedy: "Take it out: the policies of policies/ refuse it as well.",
  },
  token: {
    rule: "service-account-token",
    severity: "medium",
    what: "a pod that gets a token of the Kubernetes API",
    why: "No pod of this project asks the API.",
    remedy: "Set `automountServiceAccountToken: false`.",
  },
  unpinned: {
    rule: "unpinned-container",
    severity: "high",
    what: "a container whose image is not pinned by its digest",
    why: "A tag can be moved to another image.",
    remedy: "Name the digest: `image: name:tag@sha256:…`.",
  },
  mayBeRoot: {
    rule: "root-container",
    severity: "high",
    what: "a pod that may run as root",
    why: "Whoever breaks out of the process is root in the container.",
    remedy: "Set `securityContext.runAsNonRoot: true`.",
  },
} as const satisfies Readonly<Record<string, Risk>>;

type Node = Readonly<Record<string, unknown>>;

/** What a manifest gives to what it declares. */
export function manifestFindings(file: string, text: string): Finding[] {
  if (!/^apiVersion:/m.test(text)) return [];
  const lines = new LineCounter();
  return parseAllDocuments(text, { lineCounter: lines }).flatMap((document) => {
    const object = document.toJS() as Node | null;
    if (typeof object?.kind !== "string") return [];
    const line = lines.linePos(document.range[0]).line;
    const name = (object.metadata as { name?: string } | undefined)?.name ?? "without name";
    const subject = `${object.kind} ${name}`;
    return risksOf(object.kind, object).map(({ what, ...risk }) => ({
      ...{ file, line, subject, ...risk },
      what: `${subject}: ${what}`,
    }));
  });
}

function risksOf(kind: string, object: Node): Risk[] {
  if (/^(?:Cluster)?RoleBinding$/.test(kind)) {
    return (object.roleRef as { name?: string } | undefined)?.name === "cluster-admin"
      ? [risks.clusterAdmin]
      : [];
  }
  if (/^(?:Cluster)?Role$/.test(kind)) {
    const rules = (object.rules ?? []) as readonly { verbs?: string[]; resources?: string[] }[];
    return rules.flatMap(({ verbs = [], resources = [] }) => [
      ...([...verbs, ...resources].includes("*") ? [risks.wideRole] : []),
      ...(resources.includes("secrets") ? [risks.readsSecrets] : []),
    ]);
  }
  const pod = podOf(object);
  if (pod === undefined) return [];
  const containers = ["containers", "initContainers"].flatMap(
    (list) => (pod[list] ?? []) as readonly Node[],
  );
  const text = JSON.stringify(pod);
  const isNonRoot = (holder: Node) =>
    (holder.securityContext as { runAsNonRoot?: boolean } | undefined)?.runAsNonRoot === true;
  return [
    ...(/"(?:privileged|hostNetwork|hostPID|hostIPC)":true|"hostPath":/.test(text)
      ? [risks.privileged]
      : []),
    ...(pod.automountServiceAccountToken === false ? [] : [risks.token]),
    ...(containers.every(({ image }) => /@sha256:[0-9a-f]{64}$/.test(String(image)))
      ? []
      : [risks.unpinned]),
    ...(isNonRoot(pod) || containers.every(isNonRoot) ? [] : [risks.mayBeRoot]),
  ];
}

/** The pod of a workload: the object that holds `containers`. */
function podOf(value: unknown): Node | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if ("containers" in value) return value;
  return Object.values(value)
    .map(podOf)
    .find((pod) => pod !== undefined);
}

const inCode: readonly (readonly [form: RegExp, risk: Risk])[] = [
  [/\b(?:verbs|resources|apiGroups)\s*:\s*\[[^\]]*["']\*["']/, risks.wideRole],
  [/\bresources\s*:\s*\[[^\]]*["']secrets["']/, risks.readsSecrets],
  [/["']cluster-admin["']/, risks.clusterAdmin],
  [
    /\b(?:privileged|hostNetwork|hostPID|hostIPC|allowPrivilegeEscalation)\s*:\s*true\b|\bhostPath\s*:/,
    risks.privileged,
  ],
  [/\bautomountServiceAccountToken\s*:\s*true\b/, risks.token],
  [/\brunAsNonRoot\s*:\s*false\b/, risks.mayBeRoot],
];

/** What a component declares in code, line by line. What it comes to, the policies of policies/ judge in a preview. */
export function declarationFindings(file: string, text: string): Finding[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      inCode
        .filter(([form]) => form.test(line))
        .map(([, risk]) => ({ ...{ file, line: index + 1, subject: line.trim() }, ...risk })),
    );
}
