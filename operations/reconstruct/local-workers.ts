import { fork } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import type { Network } from "../../aleo/network.ts";
import { type BlockRange, rangesText, usualPartBlocks } from "../../aleo/reconstruct/ranges.ts";
import { plural } from "../text.ts";
import { UnfinishedPartsError } from "./errors.ts";
import type { Parts } from "./reconstruct.ts";

const cli = join(import.meta.dirname, "..", "cli.ts");
const mostShown = 2_000;

/** What every worker is started with, here and in a cluster; JOB_COMPLETION_INDEX says which it is. */
export function workerArguments(options: {
  readonly network: Network;
  readonly missing: readonly BlockRange[];
  readonly partBlocks: number;
  readonly workers: number;
}): string[] {
  const { network, missing, partBlocks, workers } = options;
  return [
    ...["reconstruct-part", "--network", network, "--ranges", rangesText(missing)],
    ...["--part-blocks", String(partBlocks), "--workers", String(workers)],
  ];
}

/** Workers as processes of this machine; they end with this one. */
export function localWorkers(options: {
  readonly network: Network;
  readonly store: ObjectStore;
  readonly workers: number;
  readonly partBlocks?: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly show: (text: string) => void;
}): Parts {
  const { network, store, workers, partBlocks = usualPartBlocks, environment, show } = options;
  return {
    partBlocks,
    fetch: async (missing) => {
      const needed = Math.min(workers, missing.length);
      const args = workerArguments({ network, missing, partBlocks, workers: needed });
      let done = 0;
      const onPart = () => {
        done += 1;
        show(`${done} of ${missing.length} parts of blocks stored`);
      };
      const failures = await Promise.all(
        Array.from({ length: needed }, (_, worker) =>
          run(
            args,
            {
              ...environment,
              BACKUP_STORE: store.location,
              JOB_COMPLETION_INDEX: String(worker),
            },
            onPart,
          ),
        ),
      );
      const [first, ...others] = failures.filter((failure) => failure !== undefined);
      if (first === undefined) return;
      throw new UnfinishedPartsError(
        `${others.length + 1} of ${plural(needed, "worker")} ended before all blocks were stored: ${first}`,
        { remedy: "Run again: the parts that are stored are not fetched again." },
      );
    },
  };
}

/** Why it failed; undefined where it did not. */
async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onPart: () => void,
): Promise<string | undefined> {
  const child = fork(cli, [...args], { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let said = "";
  child.stderr?.on("data", (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(-mostShown);
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("✔")) onPart();
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => {
      resolve(error.message);
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else
        resolve(
          said.trim() === "" ? `it was ended by ${signal ?? `code ${code ?? ""}`}` : said.trim(),
        );
    });
  });
}
