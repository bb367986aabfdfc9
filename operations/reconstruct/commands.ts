import { type Command, InvalidArgumentError } from "commander";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { type BlockRange, parseRanges } from "../../aleo/reconstruct/ranges.ts";
import type { Settings } from "../../settings.ts";
import { blockHeight, wholeNumber } from "../arguments.ts";
import { storeHelp, withStore } from "../backup/commands.ts";
import { type Answer, operation, type Options, work } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import type { Parts } from "./reconstruct.ts";

interface ReconstructOptions extends Options {
  readonly program: string;
  readonly fromBlock?: number;
  readonly toBlock: number | "latest";
  readonly at?: number;
  readonly to?: string;
  readonly workers?: number;
  readonly kubernetes?: true;
}

interface PartOptions extends Options {
  readonly ranges: readonly BlockRange[];
  readonly partBlocks: number;
  readonly workers: number;
}

const usualWorkers = 4;

/** `reconstruct`, and what each of its workers runs. */
export function addReconstructCommands(program: Command): void {
  addReconstruct(program);
  addPart(program);
}

function addReconstruct(parent: Command): void {
  operation(
    parent,
    "reconstruct",
    "compute a program's state after any block from the blocks, and store it as a backup; exit code 4 where only some of the blocks are fetched",
    "reconstruct --program agent_registry_v2.aleo --from-block 1000000 --to-block latest --network mainnet",
  )
    .requiredOption("--program <program>", "the program")
    .option(
      "--from-block <block>",
      "begin with the last backup up to this block, or with the deployment where there is none",
      blockHeight,
    )
    .option("--to-block <block>", "the last block, or latest", lastBlock, "latest")
    .option(
      "--at <block>",
      "the state after this block: the one before an exploit's gives the state just before it",
      blockHeight,
    )
    .option("--to <store>", storeHelp)
    .option(
      "--workers <count>",
      "so many fetch the blocks, in parts that stay in the store",
      wholeNumber(1, 999),
    )
    .option(
      "--kubernetes",
      `run the workers in the stack's cluster (${usualWorkers} where not told)`,
    )
    .action((options: ReconstructOptions) =>
      work(options, (settings, node) =>
        withStore(options.to, settings, async (store, show) => {
          const { UnfinishedPartsError } = await import("./errors.ts");
          const { reconstruct, reconstructionText } = await import("./reconstruct.ts");
          const { program, fromBlock, toBlock, at } = options;
          const request = {
            program,
            fromBlock,
            toBlock: toBlock === "latest" ? undefined : toBlock,
            at,
          };
          const parts = await partsFrom(options, settings, store, show);
          try {
            const made = await reconstruct(node, store, request, parts, show);
            return { document: made, text: reconstructionText(made) };
          } catch (error) {
            if (!(error instanceof UnfinishedPartsError)) throw error;
            return unfinished(error);
          }
        }),
      ),
    );
}

function unfinished({ message, remedy }: { message: string; remedy: string }): Answer {
  return {
    document: { problem: message, remedy },
    text: `✖ ${message}\n    What to do: ${remedy}`,
    code: exitCode.partlyDone,
  };
}

async function partsFrom(
  { workers, kubernetes }: ReconstructOptions,
  settings: Settings,
  store: ObjectStore,
  show: (text: string) => void,
): Promise<Parts | undefined> {
  if (kubernetes === true) {
    const { kubernetesWorkers } = await import("./kubernetes-workers.ts");
    return kubernetesWorkers({ settings, store, workers: workers ?? usualWorkers, show });
  }
  if (workers === undefined) return undefined;
  const { localWorkers } = await import("./local-workers.ts");
  const { network } = settings;
  return localWorkers({ network, store, workers, environment: process.env, show });
}

function addPart(parent: Command): void {
  operation(
    parent,
    "reconstruct-part",
    "what a worker of `reconstruct` does: store its share of the blocks; the variable JOB_COMPLETION_INDEX says which worker it is",
    "reconstruct-part --ranges 0-5999,9000-9420 --part-blocks 3000 --workers 3",
  )
    .requiredOption("--ranges <ranges>", "blocks, as 0-5999,9000-9420", rangesFrom)
    .requiredOption("--part-blocks <count>", "blocks of a part", wholeNumber(1, 999_999))
    .requiredOption("--workers <count>", "of how many workers it is one", wholeNumber(1, 999))
    .action((options: PartOptions) => {
      // Started by a run on this machine, it ends with that run.
      process.once("disconnect", () => process.exit(exitCode.partlyDone));
      process.channel?.unref();
      return work(options, (settings, node) =>
        withStore(undefined, settings, async (store) => {
          const { fetchShare, partText } = await import("./part.ts");
          const { ranges, partBlocks, workers } = options;
          const worker = Number(process.env.JOB_COMPLETION_INDEX ?? 0);
          const report = await fetchShare(
            node,
            store,
            { ranges, partBlocks, worker, workers },
            (text) => {
              if (options.json !== true) process.stdout.write(`${text}\n`);
            },
          );
          return { document: report, text: partText(report) };
        }),
      );
    });
}

function lastBlock(text: string): number | "latest" {
  return text === "latest" ? text : blockHeight(text);
}

function rangesFrom(text: string): BlockRange[] {
  const ranges = parseRanges(text);
  if (ranges !== undefined) return ranges;
  throw new InvalidArgumentError("They are ranges of blocks, as 0-5999,9000-9420.");
}
