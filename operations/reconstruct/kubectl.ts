import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { AleoError } from "../../aleo/errors.ts";

/** The cluster did not do what it was asked to. */
export class KubectlError extends AleoError {}

/**
 * What `kubectl` prints. It finds the cluster as everywhere: KUBECONFIG, else ~/.kube/config.
 * @param input for its standard input
 * @throws KubectlError with what it says
 */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const child = spawn("kubectl", args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  let code: number | null;
  try {
    code = await ended;
  } catch (cause) {
    throw new KubectlError("kubectl could not be started.", {
      remedy:
        "Install kubectl, or put it into the PATH; on local, docs/local-cluster.md says where one is.",
      cause,
    });
  }
  const [stdout, stderr] = await output;
  if (code === 0) return stdout;
  throw failed(args, stderr);
}

function failed([verb = "", kind = ""]: readonly string[], stderr: string): KubectlError {
  // Before its answer it logs how it looked for the cluster's kinds.
  const said = stderr.replaceAll(/^[EWI]\d{4} .*\n?/gm, "").trim() || stderr.trim();
  const what = `${verb} ${kind.startsWith("-") ? "jobs" : kind}`.trim();
  if (/\((Forbidden|Unauthorized)\)|must be logged in/i.test(stderr)) {
    return new KubectlError(`The cluster refuses kubectl ${what}: ${said}`, {
      remedy:
        "Nothing was started there. Have this user be given a role that may get cronjobs and create and get jobs in the stack's namespace, or name a user that may: KUBECONFIG, aleo-ops:kubeContext.",
    });
  }
  return new KubectlError(`kubectl ${what} failed: ${said}`, {
    remedy: "Look at KUBECONFIG and at aleo-ops:kubeContext, and whether the stack is up.",
  });
}
