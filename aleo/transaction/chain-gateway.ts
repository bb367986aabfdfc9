import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { NodeClient } from "../node/client.ts";

/**
 * The edition for which the SDK, which deploys "the latest edition plus one" in 16 bits, deploys
 * edition 0.
 */
const beforeFirstEdition = 65_535;

/**
 * Runs `build` beside a loopback HTTP server that answers what the SDK asks a node while it builds
 * one transaction. So the SDK's questions go through our node client (endpoints, retries, budget),
 * the edition is the one that the caller decided on, and a new program does not cost the SDK's
 * three retries (1.4 s) for an edition that is not there. A question that the node client can't get
 * an answer to fails the whole, with the client's error: the SDK's retries of it end at once.
 * @param editions the latest edition of a program by id; -1 for one that is not deployed yet
 */
export async function throughGateway<Result>(
  node: NodeClient,
  editions: Readonly<Record<string, number>>,
  build: (url: string) => Promise<Result>,
): Promise<Result> {
  const failures: Error[] = [];
  const server = createServer((request, response) => {
    const [failure] = failures;
    const answered =
      failure === undefined
        ? answer(node, editions, request.url ?? "")
        : Promise.reject<unknown>(failure);
    answered.then(
      (body) => {
        response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(body ?? `${request.url ?? ""} is not served`));
      },
      (error: unknown) => {
        failures.push(error instanceof Error ? error : new Error(String(error)));
        response.writeHead(502, { "content-type": "application/json" });
        response.end(JSON.stringify(String(error)));
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  try {
    return await build(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } catch (error) {
    throw failures[0] ?? error;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function answer(
  node: NodeClient,
  editions: Readonly<Record<string, number>>,
  path: string,
): Promise<unknown> {
  const route = path.split("/").slice(2).join("/");
  if (route === "block/height/latest") return node.latestHeight();
  if (route === "stateRoot/latest") return node.stateRoot();
  const program = /^program\/([a-z0-9_]+\.aleo)(\/latest_edition)?$/i.exec(route);
  if (program?.[1] === undefined) return undefined;
  if (program[2] === undefined) return node.programSource(program[1]);
  const edition = editions[program[1]] ?? (await node.programEdition(program[1])) ?? -1;
  return edition < 0 ? beforeFirstEdition : edition;
}
