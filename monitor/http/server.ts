import Fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import { redact } from "../../aleo/keys.ts";
import { addDashboard, type DashboardOptions } from "../dashboard/dashboard.ts";
import type { Monitor } from "../monitor.ts";
import { duration } from "../rule/duration.ts";
import { summarize } from "../summary.ts";

const summaryQuery = z.object({ last: duration.default(86_400_000) });

/** The monitor's own address: whether it works, its figures and the dashboard. */
export async function startServer(
  monitor: Monitor,
  options: Omit<DashboardOptions, "monitor"> & { readonly port: number },
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const server: FastifyInstance = Fastify({ logger: false, forceCloseConnections: true });
  server.addHook("onSend", (_, reply, payload, done) => {
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
    done(null, payload);
  });

  /** The process answers: it needs no restart. */
  server.get("/healthz", () => ({ alive: true }));

  /** It follows the chain closely enough for its alerts to be of now. */
  server.get("/readyz", (_, reply) => {
    const status = monitor.status();
    return reply.code(status.ready ? 200 : 503).send(status);
  });

  server.get("/metrics", async (_, reply) =>
    reply.type(monitor.metrics.contentType).send(await monitor.metrics.text()),
  );

  /** Alerts and transactions of the last time, `?last=24h`. */
  server.get("/summary", (request, reply) => {
    const { last } = summaryQuery.parse(request.query);
    const to = monitor.now();
    return reply.send(summarize(monitor.store, monitor.network, to - last, to));
  });

  server.setErrorHandler((error, _, reply) => {
    const isWrong = error instanceof z.ZodError;
    const problem = isWrong ? z.prettifyError(error) : error instanceof Error ? error.message : "";
    return reply.code(isWrong ? 400 : 500).send({ problem: redact(problem) });
  });

  await addDashboard(server, { ...options, monitor });
  const { host, port } = options;
  const address = await server.listen({ host, port });
  return { address, close: () => server.close() };
}
