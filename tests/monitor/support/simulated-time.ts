import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface SimulatedNode {
  readonly url: string;
  close(): Promise<void>;
}

interface Dated {
  readonly header: { readonly metadata: { readonly height: number; timestamp: number } };
}

/**
 * A node whose blocks were made at other times, so that an hour of them passes in seconds.
 * @param timeOf when the block at a height was made, in ms
 */
export async function startSimulatedNode(
  target: string,
  timeOf: (height: number) => number,
): Promise<SimulatedNode> {
  const answer = async (path: string): Promise<{ status: number; body: string }> => {
    const response = await fetch(`${target}${path}`);
    const body = await response.text();
    if (response.status !== 200 || !/\/blocks?[/?](latest|\d|start)/.test(path)) {
      return { status: response.status, body };
    }
    const found = JSON.parse(body) as Dated | Dated[];
    for (const { header } of Array.isArray(found) ? found : [found]) {
      header.metadata.timestamp = Math.floor(timeOf(header.metadata.height) / 1_000);
    }
    return { status: 200, body: JSON.stringify(found) };
  };
  const server = createServer((request, response) => {
    answer(request.url ?? "/").then(
      ({ status, body }) => response.writeHead(status).end(body),
      () => response.socket?.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}
