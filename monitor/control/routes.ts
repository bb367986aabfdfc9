import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Network } from "../../aleo/network.ts";
import { type Access, isToken } from "../dashboard/access.ts";
import type { Logger } from "../log.ts";
import { type Action, actions, type Desk } from "./actions.ts";

interface ControlOptions {
  readonly desk: Desk;
  readonly access: Access;
  readonly log: Logger;
  /** Called after a change, so that receivers are told of it at once. */
  readonly changed: () => void;
}

const order = z.object({ network: z.string(), input: z.unknown() });

/**
 * `POST /control/ACTION` with `{network, input}` as JSON. Looking is open to whoever reaches the port,
 * as the summary is; changing takes MONITOR_TOKEN as a bearer's.
 */
export function addControl(server: FastifyInstance, options: ControlOptions): void {
  const { desk, access, log, changed } = options;
  for (const [name, action] of Object.entries(actions) as [string, Action<unknown, unknown>][]) {
    server.post(`/control/${name}`, async (request, reply) => {
      const refusal = action.changes ? refusalOf(request, access) : undefined;
      if (refusal !== undefined) {
        log.warn({ action: name }, "A change over HTTP was refused");
        return reply.code(refusal.code).send(refusal.body);
      }
      const { network, input } = order.parse(request.body);
      if (network !== desk.network)
        return reply.code(409).send(otherNetwork(desk.network, network));
      const result = await action.run(desk, action.input.parse(input));
      if (action.changes) {
        log.info({ action: name, input }, "Something was changed over HTTP");
        changed();
      }
      return reply.send({ result });
    });
  }
}

function refusalOf({ headers }: FastifyRequest, { token }: Access) {
  if (token === undefined) {
    return {
      code: 403,
      body: {
        problem: "This monitor has no token, so that nothing can be changed over HTTP.",
        remedy:
          "Set MONITOR_TOKEN for it (in a stack the secret dashboardToken), or run this where its database is.",
      },
    };
  }
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  if (isToken(token, given)) return undefined;
  return {
    code: 401,
    body: {
      problem: given === "" ? "A change needs a token." : "That is not the monitor's token.",
      remedy: "Set MONITOR_TOKEN to the one that the monitor has.",
    },
  };
}

function otherNetwork(own: Network, asked: string) {
  return {
    problem: `This is the monitor of ${own}, not of ${asked}.`,
    remedy: `Set MONITOR_URL to the one of ${asked}, or run this with --network ${own}.`,
  };
}
