import type { IngressArgs } from "@pulumi/kubernetes/networking/v1/ingress.js";
import type * as pulumi from "@pulumi/pulumi";
import { mailUrls } from "../kubernetes/alert-routes.ts";
import { accessOf } from "../kubernetes/network-access.ts";
import { selectorOf } from "../kubernetes/labels.ts";
import { type MonitorArgs, part } from "./monitor-args.ts";

/** Who reaches the monitor inside the cluster, and what it reaches. */
export function monitorAccess(args: MonitorArgs, port: number) {
  const { dashboardHost, ingress = {}, monitoring, mail } = args;
  const { cidr, namespace = dashboardHost && !cidr ? "ingress-nginx" : undefined } = ingress;
  return accessOf({
    selector: selectorOf(part),
    urls: [...args.endpoints, ...mailUrls(mail)],
    inwards: {
      port,
      namespaces: [
        ...(namespace === undefined ? [] : [namespace]),
        ...(monitoring === undefined ? [] : [monitoring.namespace ?? "monitoring"]),
      ],
      cidrs: cidr === undefined ? [] : [cidr],
      pods: selectorOf("operation"),
    },
  });
}

/** How people reach the dashboard from outside. */
export function ingressOf(
  host: string,
  {
    class: className = "nginx",
    tlsSecret = "monitor-tls",
  }: NonNullable<MonitorArgs["ingress"]> = {},
  service: pulumi.Input<string>,
): NonNullable<IngressArgs["spec"]> {
  const backend = { service: { name: service, port: { name: "http" } } };
  return {
    ingressClassName: className,
    tls: [{ hosts: [host], secretName: tlsSecret }],
    rules: [{ host, http: { paths: shownOutside.map((path) => ({ ...path, backend })) } }],
  };
}

/** The dashboard's pages, and neither the metrics nor what only the operations ask for. */
const shownOutside = [
  { path: "/", pathType: "Exact" },
  ...[
    "programs",
    "incidents",
    "backups",
    "escalation",
    "sign-in",
    "sign-out",
    "live",
    "assets",
  ].map((page) => ({ path: `/${page}`, pathType: "Prefix" })),
];
