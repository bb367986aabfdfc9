import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** What the on-call would have been told. */
interface Page {
  readonly summary: string;
  /** When the alert fired, in ms since 1970. */
  readonly firedAt: number;
  /** When it was here, in ms since 1970. */
  readonly arrivedAt: number;
}

/** In the place of PagerDuty, so that a drill wakes nobody. */
interface PageReceiver {
  readonly url: string;
  /** The first page whose summary is so. */
  first(summary: RegExp): Promise<Page>;
  close(): void;
}

const event = z.object({
  event_action: z.string(),
  payload: z.object({ summary: z.string(), timestamp: z.string() }).optional(),
});

/** @param forwardTo an address that gets each event as well, as PAGERDUTY_EVENTS_URL names it */
export async function startPageReceiver(forwardTo: string | undefined): Promise<PageReceiver> {
  const pages: Page[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const take = async () => {
      const body = await text(request);
      const arrivedAt = Date.now();
      const { event_action: action, payload } = event.parse(JSON.parse(body));
      if (action === "trigger" && payload !== undefined) {
        const { summary, timestamp } = payload;
        pages.push({ summary, firedAt: Date.parse(timestamp), arrivedAt });
        for (const wake of waiting) wake();
      }
      const status = forwardTo === undefined ? 202 : await forward(forwardTo, body);
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    };
    take().catch(() => {
      response.writeHead(500).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    first: (summary) =>
      new Promise((resolve) => {
        const look = () => {
          const page = pages.find((one) => summary.test(one.summary));
          if (page === undefined) return;
          waiting.delete(look);
          resolve(page);
        };
        waiting.add(look);
        look();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function forward(url: string, body: string): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    signal: AbortSignal.timeout(5_000),
  });
  await response.text();
  return response.status;
}
