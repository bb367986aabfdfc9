import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import { bad, type Check, good, notice } from "../checks.ts";
import { stalledAfterMs } from "../fresh-state.ts";
import { formatAge } from "../text.ts";
import { type EndpointStatus, nodeStatus } from "./node.ts";
import { type ProgramStatus, programStatus } from "./program.ts";

const tolerableLag = 5;

/** Looks at every endpoint, and, where one answers, at every program that the stack declares. */
export async function health(
  settings: Pick<Settings, "network" | "endpoints" | "programs">,
  node: NodeClient,
): Promise<Check[]> {
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
      return failed(program, error);
    }
  });
  return [...checks, ...(await Promise.all(programs))];
}

export function endpointCheck(status: EndpointStatus, network: Settings["network"]): Check {
  const subject = status.endpoint;
  if (status.problem !== undefined) {
    return bad(subject, status.problem, status.remedy ?? "Run it again.");
  }
  const age = status.blockAgeMs ?? 0;
  const lag = status.lag ?? 0;
  const finding = `height ${String(status.height)}, last block ${formatAge(age)} ago, answered in ${String(status.answeredInMs)} ms`;
  // A devnode may make blocks only for transactions.
  if (network !== "local" && age > stalledAfterMs) {
    return bad(
      subject,
      `${finding}: no new block for more than ${formatAge(stalledAfterMs)}`,
      "Compare with a block explorer: either this node or the network stands still.",
    );
  }
  if (lag > tolerableLag) {
    return bad(
      subject,
      `${finding}: ${lag} blocks behind`,
      "Put another endpoint first until it has caught up.",
    );
  }
  return good(subject, finding);
}

/** Endpoints at one height must serve one block. */
export function agreement(statuses: readonly EndpointStatus[]): Check[] {
  const hashes = new Map<number, Set<string>>();
  for (const { height, blockHash } of statuses) {
    if (height === undefined || blockHash === undefined) continue;
    hashes.set(height, (hashes.get(height) ?? new Set()).add(blockHash));
  }
  return [...hashes].flatMap(([height, different]) =>
    different.size < 2
      ? []
      : [
          bad(
            "endpoints",
            `they serve ${different.size} different blocks at height ${height}`,
            "One of them is on another chain. Send nothing before you know which.",
          ),
        ],
  );
}

/** @param declared whether the stack keeps it paused; undefined where it does not manage that */
function programCheck(status: ProgramStatus, declared: boolean | undefined): Check {
  const { program, edition, network } = status;
  const paused = status.paused === true;
  if (declared !== undefined && declared !== paused) {
    return bad(
      program,
      `edition ${edition}, ${paused ? "paused" : "running"}, but the stack keeps it ${declared ? "paused" : "running"}`,
      `Find out who changed it: \`make drift STACK=${network}\`.`,
    );
  }
  const finding = `edition ${edition}${paused ? ", paused" : ""}`;
  return paused ? notice(program, finding) : good(program, finding);
}

function failed(subject: string, error: unknown): Check {
  const finding = error instanceof Error ? error.message : String(error);
  return bad(subject, finding, error instanceof AleoError ? error.remedy : "Run it again.");
}
