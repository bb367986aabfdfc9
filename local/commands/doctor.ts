import { execa } from "execa";
import { findPortHolder } from "../ports.ts";
import { LocalNetwork } from "../network/network.ts";
import { reportChromium } from "../tools/chromium.ts";
import { reportDevnode } from "../tools/devnode.ts";
import { findOnPath } from "../tools/executable.ts";
import { reportKubernetes } from "../tools/kubernetes.ts";
import { reportMoto } from "../tools/moto.ts";
import { reportNode } from "../tools/node.ts";
import { reportProviderPlugins } from "../tools/provider-plugins.ts";
import { reportPulumi } from "../tools/pulumi.ts";
import type { ToolReport } from "../tools/tool.ts";
import { type CommandContext, printJson, say } from "./context.ts";

/** Says for each tool what was found; gives back 1 when one is missing that a person has to get. */
export async function doctor(context: CommandContext, port: number): Promise<number> {
  const pulumi = await reportPulumi(context.env);
  const kubernetes = reportKubernetes(context.env);
  const needsGo = [...pulumi, kubernetes].some(({ status }) => status !== "ready");
  const reports: ToolReport[] = [
    reportNode(),
    await onPath(context.env, {
      name: "npm",
      args: ["--version"],
      remedy: "Install Node 18 or newer with npm (https://nodejs.org).",
      needed: true,
    }),
    ...pulumi,
    await onPath(context.env, {
      name: "go",
      args: ["version"],
      remedy:
        "For the local Kubernetes, and for the Pulumi CLI where its release can't be reached: https://go.dev/dl.",
      needed: needsGo,
    }),
    ...reportProviderPlugins({ ...context.env, PULUMI_HOME: context.state.pulumiHome }),
    ...reportDevnode(context.env),
    await reportMoto(context.env),
    kubernetes,
    reportChromium(context.env),
    await portReport(context, port),
    await onPath(context.env, {
      name: "leo",
      args: ["--version"],
      remedy: "Only for `make contracts`: cargo install leo-lang@4.0.2 --locked.",
      needed: false,
    }),
  ];
  if (context.json) printJson(reports);
  else for (const report of reports) say(context, describeTool(report));
  return reports.some(({ status }) => status === "missing") ? 1 : 0;
}

const marks = { ready: "✔", obtainable: "↓", optional: "–", missing: "✖" } as const;

/** One line, and a second where a person can do something. */
export function describeTool(report: ToolReport): string {
  const { name, status, version, from, remedy } = report;
  const line = `${marks[status]} ${name.padEnd(22)}${(version ?? "").padEnd(10)} ${from}`;
  return remedy === undefined ? line : `${line}\n    ${remedy}`;
}

interface PathTool {
  readonly name: string;
  readonly args: readonly string[];
  readonly remedy: string;
  readonly needed: boolean;
}

async function onPath(env: NodeJS.ProcessEnv, tool: PathTool): Promise<ToolReport> {
  const { name, args, remedy, needed } = tool;
  const file = findOnPath(name, env);
  if (file === undefined) {
    return { name, status: needed ? "missing" : "optional", from: "not on PATH", remedy };
  }
  const { stdout } = await execa(file, args, { env, extendEnv: false, reject: false });
  const version = /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0];
  return { name, status: "ready", ...(version !== undefined && { version }), from: file };
}

async function portReport(context: CommandContext, port: number): Promise<ToolReport> {
  const name = "devnode's port";
  const url = new LocalNetwork(context.project).ledger.environment()?.ALEO_NODE_URL;
  if (url !== undefined) return { name, status: "ready", from: `the devnode runs, ${url}` };
  const holder = await findPortHolder(port);
  if (holder === undefined) return { name, status: "ready", from: `${port} is free` };
  return {
    name,
    status: "missing",
    from: `${port} is in use by ${holder.name} (process ${holder.pid})`,
    remedy: `End that process, or take another port: make up PORT=${port + 1}.`,
  };
}
