import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { awsEnvironment } from "../../local/aws/aws.ts";
import { clusterFiles } from "../../local/kubernetes/files.ts";
import { LocalNetwork } from "../../local/network/network.ts";
import { projectDirectory } from "../../local/paths.ts";
import { freePort } from "../../local/ports.ts";
import { ensureKubernetes } from "../../local/tools/kubernetes.ts";
import { createProjectDirectory } from "../support/project-directory.ts";
import type { CommandResult } from "../support/pulumi-project.ts";

type Configuration = Record<string, unknown>;

/** This project as it is, in a directory of its own, with a network `local` of its own. */
export interface WholeProject {
  readonly directory: string;
  /** Runs `local/cli.ts` as the Makefile does. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult>;
  /** The same; an exit code but 0 is an error that shows all that was printed. */
  must(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Asks the PagerDuty stand-in. */
  pagerDuty<Answer>(method: string, path: string, body?: object): Promise<Answer>;
  readonly s3: S3Client;
  /** How everything of the local network is reached. */
  environment(): NodeJS.ProcessEnv;
  /** Changes the configuration in the file of a stack; keys without their namespace. */
  configure(stack: string, change: (config: Configuration) => void): void;
  dispose(): Promise<void>;
}

const namespace = "aleo-ops:";
const files = [
  "index.ts",
  "Pulumi.yaml",
  "Pulumi.local.yaml",
  "Pulumi.testnet.yaml",
  "Pulumi.mainnet.yaml",
];

export async function createWholeProject(): Promise<WholeProject> {
  const { path: directory, remove } = createProjectDirectory("whole", "");
  for (const file of files) copyFileSync(join(projectDirectory, file), join(directory, file));
  const port = await freePort();
  const network = new LocalNetwork(directory, port);
  const run: WholeProject["run"] = async (args, env = {}) => {
    const more = args[0] === "up" && !args.includes("--port") ? ["--port", String(port)] : [];
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [join(projectDirectory, "local", "cli.ts"), ...args, ...more],
      { cwd: directory, env: { NO_COLOR: "1", ...env }, stdin: "ignore", reject: false },
    );
    return { code: exitCode ?? -1, stdout, stderr };
  };
  const environment = () => network.environment();
  const url = (variable: string) => environment()[variable] ?? "";
  return {
    directory,
    run,
    must: async (args, env) => {
      const { code, stdout, stderr } = await run(args, env);
      if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    kubectl: async (...args) => {
      const { kubectl } = await ensureKubernetes(() => undefined);
      const state = join(directory, ".state", "local", "kubernetes");
      const env = { KUBECONFIG: clusterFiles(state).kubeconfig };
      return (await execa(kubectl, args, { env })).stdout;
    },
    pagerDuty: async <Answer>(method: string, path: string, body?: object) => {
      const response = await fetch(`${url("PAGERDUTY_API_URL")}${path}`, {
        method,
        headers: {
          authorization: `Token token=${url("PAGERDUTY_TOKEN")}`,
          "content-type": "application/json",
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
      return (await response.json()) as Answer;
    },
    get s3() {
      const endpoint = url("AWS_ENDPOINT_URL");
      const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = awsEnvironment(endpoint);
      return new S3Client({
        endpoint,
        region: AWS_REGION ?? "",
        forcePathStyle: true,
        credentials: {
          accessKeyId: AWS_ACCESS_KEY_ID ?? "",
          secretAccessKey: AWS_SECRET_ACCESS_KEY ?? "",
        },
      });
    },
    environment,
    configure: (stack, change) => {
      const file = join(directory, `Pulumi.${stack}.yaml`);
      const text = parse(readFileSync(file, "utf8")) as { config: Configuration };
      const short = Object.fromEntries(
        Object.entries(text.config).map(([key, value]) => [key.replace(namespace, ""), value]),
      );
      change(short);
      text.config = Object.fromEntries(
        Object.entries(short).map(([key, value]) => [
          key.includes(":") ? key : `${namespace}${key}`,
          value,
        ]),
      );
      writeFileSync(file, stringify(text));
    },
    dispose: async () => {
      await run(["reset", "--yes"]);
      remove();
    },
  };
}
