import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import { type EndpointStatus, nodeStatus } from "./node.ts";
import { type ProgramStatus, programStatus } from "./program.ts";
import { formatAge } from "../text.ts";

/** One thing that was looked at. */
export interface HealthCheck {
  readonly subject: string;
  /** `notice` is what a person should know of, but need not act on. */
  readonly verdict: "good" | "notice" | "bad";
  readonly finding: string;
  /** What to do next; only where something is bad. */
  readonly remedy?: string;
}

/** Blocks come about every 3 s: a public network that made none for that long stands still. */
const stalledAfterMs = 120_000;
const tolerableLag = 5;

/** Looks at every endpoint, and, where one answers, at every program that the stack declares. */
export async function health(
  settings: Pick<Settings, "network" | "endpoints" | "programs">,
  node: NodeClient,
): Promise<HealthCheck[]> {
  const endpoints = await nodeStatus(settings);
  const checks = [
    ...endpoints.map((status) => endpointCheck(status, settings.network)),
    ...agreement(endpoints),
  ];
  if (endpoints.every(({ problem }) => problem !== undefined)) {
    const finding = "not looked at: no endpoint answers";
    return [
      ...checks,
      ...settings.programs.map(({ program }) => ({
        subject: program,
        verdict: "bad" as const,
        finding,
      })),
    ];
  }
  const programs = settings.programs.map(async ({ program, paused }) => {
    try {
      return programCheck(await programStatus(settings, node, program), paused);
    } catch (error) {
      return bad(program, error);
    }
  });
  return [...checks, ...(await Promise.all(programs))];
}

export function endpointCheck(status: EndpointStatus, network: Settings["network"]): HealthCheck {
  const subject = status.endpoint;
  if (status.problem !== undefined) {
    return {
      subject,
      verdict: "bad",
      finding: status.problem,
      remedy:
        network === "local"
          ? 'Start it with `make up`. Where it runs on another port, set your shell to it: eval "$(make -s env)".'
          : `Look at \`aleo-ops node --network ${network}\` again in a minute; take the endpoint out of Pulumi.${network}.yaml if it stays away.`,
    };
  }
  const age = status.blockAgeMs ?? 0;
  const lag = status.lag ?? 0;
  const finding = `height ${String(status.height)}, last block ${formatAge(age)} ago, answered in ${String(status.answeredInMs)} ms`;
  // A devnode may make blocks only for transactions.
  if (network !== "local" && age > stalledAfterMs) {
    return {
      subject,
      verdict: "bad",
      finding: `${finding}: no new block for more than ${formatAge(stalledAfterMs)}`,
      remedy: "Compare with a block explorer: either this node or the network stands still.",
    };
  }
  if (lag > tolerableLag) {
    return {
      subject,
      verdict: "bad",
      finding: `${finding}: ${lag} blocks behind`,
      remedy: "Put another endpoint first until it has caught up.",
    };
  }
  return { subject, verdict: "good", finding };
}

/** Endpoints at one height must serve one block. */
export function agreement(statuses: readonly EndpointStatus[]): HealthCheck[] {
  const hashes = new Map<number, Set<string>>();
  for (const { height, blockHash } of statuses) {
    if (height === undefined || blockHash === undefined) continue;
    hashes.set(height, (hashes.get(height) ?? new Set()).add(blockHash));
  }
  return [...hashes].flatMap(([height, different]) =>
    different.size < 2
      ? []
      : [
          {
            subject: "endpoints",
            verdict: "bad" as const,
            finding: `they serve ${different.size} different blocks at height ${height}`,
            remedy: "One of them is on another chain. Send nothing before you know which.",
          },
        ],
  );
}

/** @param declared whether the stack keeps it paused; undefined where it does not manage that */
function programCheck(status: ProgramStatus, declared: boolean | undefined): HealthCheck {
  const { program, edition, network } = status;
  const paused = status.paused === true;
  if (declared !== undefined && declared !== paused) {
    return {
      subject: program,
      verdict: "bad",
      finding: `edition ${edition}, ${paused ? "paused" : "running"}, but the stack keeps it ${declared ? "paused" : "running"}`,
      remedy: `Find out who changed it: \`make drift STACK=${network}\`.`,
    };
  }
  const finding = `edition ${edition}${paused ? ", paused" : ""}`;
  return { subject: program, verdict: paused ? "notice" : "good", finding };
}

function bad(subject: string, error: unknown): HealthCheck {
  const finding = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof AleoError ? error.remedy : "Run it again.";
  return { subject, verdict: "bad", finding, remedy };
}

const marks = { good: "✔", notice: "!", bad: "✖" } as const;

export function healthText(checks: readonly HealthCheck[]): string {
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  return checks
    .map(({ subject, verdict, finding, remedy }) =>
      [
        `${marks[verdict]} ${subject.padEnd(width)}  ${finding}`,
        ...(remedy === undefined ? [] : [`    What to do: ${remedy}`]),
      ].join("\n"),
    )
    .join("\n");
}
