import { AleoError } from "../../aleo/errors.ts";
import { NodeUnreachableError } from "../../aleo/node/errors.ts";
import type { Settings } from "../../settings.ts";
import { connectToLook } from "../connect.ts";
import { formatAge, table } from "../text.ts";

/** What one endpoint serves at this moment. */
export interface EndpointStatus {
  readonly endpoint: string;
  /** Why it did not answer; then nothing else is known of it. */
  readonly problem?: string;
  readonly remedy?: string;
  readonly height?: number;
  readonly blockHash?: string;
  /** Time since its newest block was made, in ms. */
  readonly blockAgeMs?: number;
  /** Blocks behind the endpoint that is furthest. */
  readonly lag?: number;
  readonly consensusVersion?: number;
  /** How long it took to answer with its newest block, in ms. */
  readonly answeredInMs?: number;
}

/** Asks every endpoint of a network at once, each for itself: none stands in for another. */
export async function nodeStatus(
  settings: Pick<Settings, "network" | "endpoints">,
): Promise<EndpointStatus[]> {
  const answers = await Promise.all(
    settings.endpoints.map((endpoint) => endpointStatus(settings.network, endpoint)),
  );
  const furthest = Math.max(...answers.map(({ height }) => height ?? 0));
  return answers.map((answer) =>
    answer.height === undefined ? answer : { ...answer, lag: furthest - answer.height },
  );
}

async function endpointStatus(
  network: Settings["network"],
  endpoint: string,
): Promise<EndpointStatus> {
  const node = connectToLook({ network, endpoints: [endpoint] });
  // The client's own form of the address, which leaves out anything secret.
  const [shown = endpoint] = node.endpoints;
  try {
    const begun = Date.now();
    const block = await node.latestBlock();
    const answeredInMs = Date.now() - begun;
    const { height, timestamp } = block.header.metadata;
    return {
      endpoint: shown,
      height,
      blockHash: block.block_hash,
      blockAgeMs: Math.max(0, Date.now() - timestamp * 1_000),
      consensusVersion: await node.consensusVersion(),
      answeredInMs,
    };
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return { endpoint: shown, problem: error.message, remedy: remedyFor(error, network) };
  } finally {
    await node.close();
  }
}

/** What answers with a refusal need not be started. */
function remedyFor(error: AleoError, network: Settings["network"]): string {
  if (!(error instanceof NodeUnreachableError)) return error.remedy;
  return network === "local"
    ? 'Start it with `make up`. Where it runs on another port, set your shell to it: eval "$(make -s env)".'
    : `Look at \`aleo-ops node --network ${network}\` again in a minute; take the endpoint out of Pulumi.${network}.yaml if it stays away.`;
}

export function nodeText(statuses: readonly EndpointStatus[]): string {
  const rows = statuses.map((status) =>
    status.problem === undefined
      ? [
          status.endpoint,
          String(status.height),
          String(status.lag),
          formatAge(status.blockAgeMs ?? 0),
          `${String(status.answeredInMs)} ms`,
          `V${String(status.consensusVersion)}`,
        ]
      : [status.endpoint, "–", "–", "–", "–", "–"],
  );
  const header = ["Endpoint", "Height", "Lag", "Last block", "Answered in", "Consensus"];
  const problems = statuses.flatMap(({ endpoint, problem, remedy = "" }) =>
    problem === undefined ? [] : [`✖ ${endpoint}: ${problem}\n    What to do: ${remedy}`],
  );
  return [table(header, rows), ...problems].join("\n");
}
