import Fastify, { type FastifyInstance } from "fastify";
import { html } from "ghtml";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import { redact } from "../../aleo/keys.ts";
import { addControl } from "../control/routes.ts";
import { addDashboard, type DashboardOptions } from "../dashboard/dashboard.ts";
import { barePage } from "../dashboard/pages/frame.ts";
import { problemPage } from "../dashboard/pages/sign-in.ts";
import type { Route } from "../deliver/route.ts";
import { ControlError } from "../errors.ts";
import type { Monitor } from "../monitor.ts";
import { duration } from "../rule/duration.ts";
import { summarize } from "../summary.ts";

const summaryQuery = z.object({ last: duration.default(86_400_000) });

/** The monitor's own address: whether it works, its figures and the dashboard. */
export async function startServer(
  monitor: Monitor,
  options: Omit<DashboardOptions, "monitor" | "receivers"> & {
    readonly port: number;
    readonly routes: readonly Route[];
  },
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

  server.setErrorHandler((error, request, reply) => {
    const isWrong = error instanceof z.ZodError;
    const problem = redact(
      isWrong ? z.prettifyError(error) : error instanceof Error ? error.message : "",
    );
    const code = isWrong ? 400 : statusOf(error);
    if (request.headers.accept?.includes("text/html") !== true) {
      const remedy = error instanceof AleoError ? redact(error.remedy) : undefined;
      return reply.code(code).send({ problem, remedy });
    }
    const remedy = error instanceof AleoError ? error.remedy : "Try again; the log says more.";
    const page = problemPage("This could not be shown", problem, html`${redact(remedy)}`);
    return reply.code(code).type("text/html; charset=utf-8").send(barePage("Trouble", page));
  });

  const { access, host, log, port, routes, rules } = options;
  const { network, now, store } = monitor;
  addControl(server, {
    ...{ access, log },
    desk: { network, now, rules, store, routes: () => routes },
    changed: () => {
      monitor.tell();
    },
  });
  await addDashboard(server, { ...options, monitor, receivers: routes });
  // Left open, Node takes IPv4 alone where the machine has no IPv6.
  const address = await server.listen({ host: host === "::" ? "" : host, port });
  return { address, close: () => server.close() };
}

/** What Fastify says of a request that it does not take; 500 for what is no fault of the request. */
function statusOf(error: unknown): number {
  if (error instanceof ControlError) return 409;
  const code = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  return code >= 400 && code < 500 ? code : 500;
}
