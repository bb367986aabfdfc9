import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before } from "mocha";

/** How a receiver answers one request; `cut` ends the connection without an answer. */
export type Answer =
  { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | "cut";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** Whether it was answered with success. */
  readonly taken: boolean;
}

export interface AlertReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers for the next requests, one after the other; then 202. */
  readonly answers: Answer[];
  /** `action dedup_key` of each PagerDuty event that was taken, in order. */
  events(): string[];
}

/** Takes whatever is posted to it, for the tests of one `describe`: call it in its body. */
export function alertReceiver(): AlertReceiver {
  const received: Received[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answer = answers.shift() ?? { status: 202 };
      const body = Buffer.concat(chunks).toString();
      received.push({
        path: request.url ?? "",
        headers: request.headers,
        body,
        json: JSON.parse(body) as Record<string, unknown>,
        taken: answer !== "cut" && answer.status < 300,
      });
      if (answer === "cut") response.socket?.destroy();
      else response.writeHead(answer.status, answer.headers).end("{}");
    });
  });
  before((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });
  return {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/enqueue`;
    },
    received,
    answers,
    events: () =>
      received
        .filter(({ taken }) => taken)
        .map(({ json }) => `${String(json.event_action)} ${String(json.dedup_key)}`),
  };
}
