import type * as pulumi from "@pulumi/pulumi";
import type { networking } from "@pulumi/kubernetes/types/input.js";
import { refusal } from "../common/refusal.ts";
import type { Labels } from "./labels.ts";

type NetworkPolicySpec = networking.v1.NetworkPolicySpec;
type EgressRule = networking.v1.NetworkPolicyEgressRule;

const namespaceName = "kubernetes.io/metadata.name";

/** Where Kubernetes' cache of names answers on each machine that runs it. */
const nodeLocalDns = "169.254.20.10/32";

/** Nothing in and nothing out, for every pod of a namespace that no other policy names. */
export const denyAll: NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ["Ingress", "Egress"],
};

/**
 * What a pod of this project may do: resolve names, and reach the ports of `urls` and HTTPS outside.
 * The link-local range stays closed: there a cloud hands its machine's credentials to whoever asks.
 */
export function accessOf(options: {
  readonly selector: Labels;
  /** Nodes and receivers of alerts: only their ports count, as policies know no host names. */
  readonly urls: readonly string[];
  readonly inwards?: {
    readonly port: number;
    readonly namespaces: readonly string[];
    /** Addresses outside the cluster's pods. */
    readonly cidrs?: readonly string[];
    /** Pods of the same namespace that may connect as well. */
    readonly pods?: Labels;
  };
  /** Pods of the same namespace that it may reach. */
  readonly outwards?: { readonly port: pulumi.Input<number>; readonly pods: Labels };
}): NetworkPolicySpec {
  const { selector, urls, inwards, outwards } = options;
  const from = [
    ...(inwards?.namespaces ?? []).map((name) => ({
      namespaceSelector: { matchLabels: { [namespaceName]: name } },
    })),
    ...(inwards?.cidrs ?? []).map((cidr) => ({ ipBlock: { cidr } })),
    ...(inwards?.pods === undefined ? [] : [{ podSelector: { matchLabels: inwards.pods } }]),
  ];
  const egress: EgressRule[] = [
    {
      to: [
        { namespaceSelector: { matchLabels: { [namespaceName]: "kube-system" } } },
        { ipBlock: { cidr: nodeLocalDns } },
      ],
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
    {
      to: [
        { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
        { ipBlock: { cidr: "::/0", except: ["fe80::/10"] } },
      ],
      ports: portsOf(urls).map((port) => ({ protocol: "TCP", port })),
    },
    ...(outwards === undefined
      ? []
      : [
          {
            to: [{ podSelector: { matchLabels: outwards.pods } }],
            ports: [{ protocol: "TCP", port: outwards.port }],
          },
        ]),
  ];
  return {
    podSelector: { matchLabels: selector },
    policyTypes: ["Ingress", "Egress"],
    ...(inwards !== undefined &&
      from.length > 0 && {
        ingress: [{ from, ports: [{ protocol: "TCP", port: inwards.port }] }],
      }),
    egress,
  };
}

/**
 * HTTPS and the ports of `urls`, in their order.
 * @throws pulumi.RunError for what is no URL
 */
export function portsOf(urls: readonly string[]): number[] {
  const ports = urls.map((text) => {
    const url = URL.parse(text);
    if (url === null) {
      throw refusal(
        `"${text}" is not a URL, so no network policy can let a pod reach it.`,
        "Give the endpoints as http(s) URLs, as https://api.example.org/v2.",
      );
    }
    return url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port);
  });
  return [...new Set([443, ...ports])].sort((one, other) => one - other);
}
