import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { z } from "zod";
import { accountOf } from "./account.ts";
import { answerFault, rateLimitHeaders } from "./answer-fault.ts";
import { enqueue } from "./enqueue.ts";
import { maximumEventBytes } from "./event.ts";
import { createFaults, faultSchema } from "./faults.ts";
import { isAuthorized, isForThisMachine } from "./guard.ts";
import { pageHeaders, pageOf } from "./page.ts";
import { errorOf, invalidInput, notFound, RestError } from "./rest/errors.ts";
import { escalationPolicyRoutes } from "./rest/escalation-policies.ts";
import { incidentRoutes } from "./rest/incidents.ts";
import { maintenanceWindowRoutes } from "./rest/maintenance-windows.ts";
import { readOnlyRoutes } from "./rest/read-only.ts";
import { serviceRoutes } from "./rest/services.ts";
import { viewsOf } from "./rest/views.ts";
import type { Store } from "./store.ts";

export interface ServerOptions {
  readonly store: Store;
  /** The one REST token that is taken. */
  readonly token: string;
  readonly port: number;
}

const eventsPath = "/v2/enqueue";
const clockChange = z.strictObject({ advanceMinutes: z.number().min(0) });

/**
 * The stand-in's HTTP server: REST v2, Events v2, a page at `/`, and for tests `/_faults`,
 * `/_received` and `/_clock`. All but the page and the events ask for the token.
 */
export function createServer({ store, token, port }: ServerOptions): FastifyInstance {
  const account = accountOf(store);
  const views = viewsOf(account, `http://127.0.0.1:${port}`);
  const faults = createFaults();
  const withoutAnswer = new WeakSet<FastifyRequest>();
  const receive = (request: FastifyRequest, status: number) => {
    store.addReceived(account.timestamp(), status, bodyOf(request));
  };

  const app = Fastify({
    // Events that are too large for PagerDuty are read as well, to be answered as PagerDuty would.
    bodyLimit: 4 * maximumEventBytes,
    forceCloseConnections: true,
  });

  // PagerDuty's clients name JSON in several ways. An event is kept as it comes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("*", { parseAs: "string" }, (request, body, done) => {
    if (pathOf(request) === eventsPath) {
      done(null, body);
      return;
    }
    try {
      done(null, body === "" ? undefined : (JSON.parse(body) as unknown));
    } catch {
      done(invalidInput("The body is no JSON"));
    }
  });

  app.addHook("onRequest", async (request, reply) => {
    void reply.headers({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    if (!isForThisMachine(request)) throw errorOf(403);
    const path = pathOf(request);
    if (path !== "/" && path !== eventsPath && !isAuthorized(request, token)) throw errorOf(401);
    return Promise.resolve();
  });

  app.addHook("preHandler", async (request, reply) => {
    const path = pathOf(request);
    const fault = path.startsWith("/_") ? undefined : faults.next(`${request.method} ${path}`);
    if (fault === undefined) return;
    if (fault.answer === "lost") {
      withoutAnswer.add(request);
      return;
    }
    const isEvent = path === eventsPath;
    if (isEvent) receive(request, fault.status ?? 0);
    answerFault(fault, isEvent, request, reply);
    return Promise.resolve();
  });

  app.addHook("onSend", async (request, _reply, payload) => {
    if (withoutAnswer.has(request)) request.raw.socket.destroy();
    return Promise.resolve(payload);
  });

  app.setNotFoundHandler(() => {
    throw notFound();
  });

  app.setErrorHandler((error, request, reply) => {
    const { status, message, code, errors } =
      error instanceof RestError ? error : unexpected(error, request);
    if (status === 429) void reply.headers(rateLimitHeaders);
    return reply
      .code(status)
      .send({ error: { message, code, ...(errors.length > 0 && { errors }) } });
  });

  app.get("/", (_request, reply) => reply.headers(pageHeaders).send(pageOf(account, views)));

  app.post(eventsPath, (request, reply) => {
    const { status, body } = enqueue(account, bodyOf(request));
    receive(request, withoutAnswer.has(request) ? 0 : status);
    return reply.code(status).send(body);
  });

  readOnlyRoutes(app, account, views);
  escalationPolicyRoutes(app, account, views);
  serviceRoutes(app, account, views);
  maintenanceWindowRoutes(app, account, views);
  incidentRoutes(app, account, views);

  app.get("/_received", () => ({ events: store.received() }));
  app.post("/_faults", ({ body }, reply) => {
    faults.add(checked(faultSchema, body));
    return reply.code(204).send();
  });
  app.delete("/_faults", (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
  app.post("/_clock", ({ body }) => {
    const { advanceMinutes } = checked(clockChange, body);
    store.setClockOffset(store.clockOffset() + advanceMinutes * 60_000);
    return { now: account.timestamp() };
  });
  return app;
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?")[0] ?? url;
}

function bodyOf({ body }: FastifyRequest): string {
  return typeof body === "string" ? body : "";
}

function checked<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidInput(
    ...result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
  );
}

/** Of a request that is broken, what Fastify says; of anything else, that it is this server's fault. */
function unexpected(error: unknown, request: FastifyRequest): RestError {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const message = error instanceof Error ? error.message : String(error);
  if (status < 500) return errorOf(400, [message]);
  process.stderr.write(`${request.method} ${pathOf(request)}: ${message}\n`);
  return errorOf(500);
}
