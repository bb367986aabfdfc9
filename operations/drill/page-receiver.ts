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
  /** Resolves what was passed on and is still open, so that it goes no further up. */
  close(): Promise<void>;
}

const event = z.looseObject({
  routing_key: z.string(),
  event_action: z.string(),
  dedup_key: z.string(),
  payload: z.looseObject({ summary: z.string(), timestamp: z.string() }).optional(),
});
type Event = z.infer<typeof event>;

const mark = "DRILL, nothing is wrong: ";

/**
 * @param forwardTo an address that gets each event as well, as PAGERDUTY_EVENTS_URL names it; marked as
 * a drill's, for whoever is paged by it
 */
export async function startPageReceiver(forwardTo: string | undefined): Promise<PageReceiver> {
  const pages: Page[] = [];
  const open = new Map<string, Event>();
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const take = async () => {
      const body = await text(request);
      const arrivedAt = Date.now();
      const received = event.parse(JSON.parse(body));
      const { event_action: action, payload } = received;
      if (action === "trigger" && payload !== undefined) {
        const { summary, timestamp } = payload;
        pages.push({ summary, firedAt: Date.parse(timestamp), arrivedAt });
        for (const wake of waiting) wake();
      }
      let status = 202;
      if (forwardTo !== undefined) {
        status = await forward(forwardTo, marked(received));
        if (action === "resolve") open.delete(received.dedup_key);
        else open.set(received.dedup_key, received);
      }
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
    close: async () => {
      server.close();
      server.closeAllConnections();
      for (const { routing_key, dedup_key } of open.values()) {
        const end = { routing_key, event_action: "resolve", dedup_key };
        await forward(forwardTo ?? "", end).catch(() => undefined);
      }
    },
  };
}

function marked(received: Event): Event {
  const { payload } = received;
  if (payload === undefined || payload.summary.startsWith(mark)) return received;
  return { ...received, payload: { ...payload, summary: `${mark}${payload.summary}` } };
}

async function forward(url: string, sent: Event): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(sent),
    signal: AbortSignal.timeout(5_000),
  });
  await response.text();
  return response.status;
}
