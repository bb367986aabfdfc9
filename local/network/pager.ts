import { pagerDutyService, pagerDutyUrl } from "../pagerduty/service.ts";
import type { LocalState } from "../paths.ts";
import { readRecord } from "../processes.ts";
import { startDetached, stopDetached } from "../service.ts";
import type { Part } from "./part.ts";

/** Protects nothing: the stand-in pages nobody and listens on this machine only. */
const token = "local";

/** The stand-in for PagerDuty. */
export function pager({ pagerDuty }: LocalState, port: number): Part {
  const { directory, log: logFile, record } = pagerDuty;
  const service = pagerDutyService({ directory, port, logFile, token });
  return {
    title: "PagerDuty stand-in",
    tool: { title: "PagerDuty stand-in", run: () => Promise.resolve("part of the project") },
    start: async () => {
      const { started, port: at } = await startDetached(service, record);
      return { started, url: pagerDutyUrl(at) };
    },
    stop: () => stopDetached(service, record),
    toSee: () => {
      const running = readRecord(record);
      const line = (port: number) =>
        `${pagerDutyUrl(port)}   the incidents of the PagerDuty stand-in`;
      return Promise.resolve(running === undefined ? [] : [line(running.port)]);
    },
    environment: () => {
      const running = readRecord(record);
      return running === undefined
        ? undefined
        : { PAGERDUTY_TOKEN: token, PAGERDUTY_API_URL: pagerDutyUrl(running.port) };
    },
  };
}
