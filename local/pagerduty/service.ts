import { join } from "node:path";
import type { Service } from "../service.ts";

export interface PagerDutyOptions {
  /** Where incidents and the rest are kept; what is there already goes on. */
  readonly directory: string;
  readonly port: number;
  readonly logFile: string;
  /** The REST token that it takes. */
  readonly token: string;
}

/**
 * A stand-in for PagerDuty, as a process of the local network: the REST calls that Pulumi's provider
 * makes, the Events API v2, incidents that escalate by the declared policies, and a page that shows
 * them. It notifies nobody.
 */
export function pagerDutyService(options: PagerDutyOptions): Service {
  const { directory, port, logFile, token } = options;
  return {
    name: "PagerDuty stand-in",
    port,
    logFile,
    command: () =>
      Promise.resolve({
        file: process.execPath,
        args: [join(import.meta.dirname, "main.ts"), String(port), directory],
        env: { ...process.env, PAGERDUTY_TOKEN: token },
      }),
    isReady: async (at) => {
      const response = await fetch(`${pagerDutyUrl(at)}/abilities`, {
        headers: { authorization: `Token token=${token}` },
        signal: AbortSignal.timeout(2_000),
      });
      return response.ok;
    },
  };
}

/** The base URL of both APIs and of the page. */
export function pagerDutyUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
