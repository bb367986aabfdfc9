import type { Network } from "../../aleo/network.ts";
import type { Route } from "../../monitor/deliver/route.ts";
import { emergencyAlertText, NobodyToAlertError, tellAll } from "../emergency/alert.ts";
import type { ProcessReport } from "./process.ts";

/** Who was told that a program can't pay. */
export interface Alarm {
  readonly program: string;
  readonly routes: Awaited<ReturnType<typeof tellAll>>["routes"];
  /** Why nobody could be told. */
  readonly problem?: string;
  readonly text: string;
}

/**
 * Tells every receiver, as critical, of each program that holds less than it owes. It is one incident
 * for its receivers however often the queue is tried.
 * @param height of the chain where it is known
 */
export async function alarmsOf(
  reports: readonly ProcessReport[],
  routes: readonly Route[],
  network: Network,
  height: number | undefined,
): Promise<Alarm[]> {
  const insolvent = reports.filter((report) => report.insolvent === true);
  return Promise.all(
    insolvent.map(async ({ program, problem = "" }): Promise<Alarm> => {
      const rule = "withdrawals-insolvent";
      try {
        const told = await tellAll(routes, {
          ...{ action: "trigger", severity: "critical", network, rule, height, test: false },
          dedupKey: `aleo-ops/${network}/${rule}/${program}`,
          subject: program,
          summary: problem,
          value: "withdrawals were stopped",
          time: new Date().toISOString(),
          runbook: "runbooks/withdrawals.md",
        });
        return { program, routes: told.routes, text: emergencyAlertText(told) };
      } catch (error) {
        if (!(error instanceof NobodyToAlertError)) throw error;
        const { message, remedy } = error;
        const text = `${message} What to do: ${remedy}`;
        return { program, routes: [], problem: message, text };
      }
    }),
  );
}

export function alarmsText(alarms: readonly Alarm[]): string[] {
  return alarms.flatMap(({ program, text }) => [
    `Critical alert for ${program}:`,
    ...text.split("\n").map((line) => `    ${line}`),
  ]);
}
