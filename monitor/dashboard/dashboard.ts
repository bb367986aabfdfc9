import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyCookie from "@fastify/cookie";
import fastifyHelmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { html } from "ghtml";
import type { Logger } from "../log.ts";
import { ActivityStore } from "../store/activity-store.ts";
import {
  type Access,
  cookieKey,
  isLoopback,
  isSameOrigin,
  isToken,
  localPath,
  personByProxy,
  personIn,
  personName,
  sessionMs,
  sessionText,
} from "./access.ts";
import { Live } from "./live.ts";
import { backupsPage } from "./pages/backups.ts";
import { escalationPage } from "./pages/escalation.ts";
import { barePage, type Frame, page, type Visitor } from "./pages/frame.ts";
import { incidentPage } from "./pages/incident.ts";
import { incidentsPage } from "./pages/incidents.ts";
import { overviewPage } from "./pages/overview.ts";
import { programPage } from "./pages/program.ts";
import { problemPage, signInPage } from "./pages/sign-in.ts";
import { type Moment, momentOf, type Sources } from "./sources.ts";

export interface DashboardOptions extends Omit<Sources, "activity"> {
  readonly access: Access;
  /** The address that the server is bound to: beyond this machine, reading needs signing in too. */
  readonly host: string;
  readonly log: Logger;
}

const cookie = "aleo-ops-session";
const ownAssets = join(import.meta.dirname, "assets");
const uPlot = dirname(fileURLToPath(import.meta.resolve("uplot")));
const assets: Readonly<Record<string, string>> = {
  "dashboard.css": ownAssets,
  "dashboard.js": ownAssets,
  "icon.svg": ownAssets,
  "uPlot.iife.min.js": uPlot,
  "uPlot.min.css": uPlot,
};

/** Adds the pages to the monitor's server. They read; only acknowledging changes something. */
export async function addDashboard(
  server: FastifyInstance,
  options: DashboardOptions,
): Promise<void> {
  const { access, host, log, monitor } = options;
  const { token } = access;
  const sources = { ...options, activity: new ActivityStore(monitor.store.database) };
  const live = new Live(sources);
  server.addHook("preClose", (done) => {
    live.close();
    done();
  });
  await server.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // With no-referrer browsers would leave out the Origin by which a form of this site is known.
    referrerPolicy: { policy: "same-origin" },
  });
  await server.register(fastifyCookie, token === undefined ? {} : { secret: cookieKey(token) });
  await server.register(fastifyStatic, { root: ownAssets, serve: false, maxAge: "1h" });
  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: 8_192 },
    (_, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(body.toString())));
    },
  );

  const visitorOf = (request: FastifyRequest): Visitor => {
    if (token === undefined) return { person: undefined, signsIn: "nowhere" };
    const named = personByProxy(request.headers.authorization, token);
    if (named !== undefined) return { person: named, signsIn: "elsewhere" };
    const signed = request.cookies[cookie];
    const session = signed === undefined ? undefined : request.unsignCookie(signed);
    const person = session?.valid === true ? personIn(session.value, monitor.now()) : undefined;
    return { person, signsIn: "here" };
  };
  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    title: string,
    content: (moment: Moment, visitor: Visitor) => string,
    path = request.url.split("?")[0] ?? "/",
  ) => {
    const moment = momentOf(sources);
    const visitor = visitorOf(request);
    const frame: Frame = { title, path, visitor };
    return reply
      .type("text/html; charset=utf-8")
      .send(page(frame, moment, content(moment, visitor)));
  };
  const refuse = (
    request: FastifyRequest,
    reply: FastifyReply,
    code: number,
    [title, text, next]: readonly [string, string, string],
  ) => {
    // Those who may not look are shown no figure of the frame either.
    const content = problemPage(title, text, next);
    if (!mayLook(request)) {
      return reply.code(code).type("text/html; charset=utf-8").send(barePage(title, content));
    }
    return show(request, reply.code(code), title, () => content);
  };
  const isOpen = isLoopback(host);
  const mayLook = (request: FastifyRequest) => isOpen || visitorOf(request).person !== undefined;
  const requireLook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    if (mayLook(request)) {
      done();
      return;
    }
    if (visitorOf(request).signsIn === "here") {
      void reply.redirect(`/sign-in?to=${encodeURIComponent(localPath(request.url))}`, 303);
      return;
    }
    void refuse(request, reply, 403, notToBeSeen);
  };
  const requireChange = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    if (!isSameOrigin(request.headers)) {
      log.warn({ path: request.url }, "A change from another site was refused");
      void refuse(request, reply, 403, fromElsewhere);
      return;
    }
    done();
  };
  const read = { onRequest: requireLook };

  server.get("/", read, (request, reply) => show(request, reply, "Overview", overviewPage));

  server.get<{ Params: { id: string } }>("/programs/:id", read, (request, reply) => {
    const { id } = request.params;
    if (!monitor.status().programs.includes(id)) {
      return refuse(request, reply, 404, [
        "No such program",
        `${id} is not watched by this monitor.`,
        html`The programs are those of the stack's file. <a href="/">Overview</a>`,
      ]);
    }
    return show(request, reply, id, (moment) => programPage(id, moment));
  });

  server.get<{ Querystring: { before?: string } }>("/incidents", read, (request, reply) => {
    const { before = "" } = request.query;
    const last = /^\d{1,15}$/.test(before) ? Number(before) : Number.MAX_SAFE_INTEGER;
    return show(request, reply, "Incidents", (moment) => incidentsPage(moment, last));
  });

  server.get<{ Params: { id: string } }>("/incidents/:id", read, (request, reply) => {
    const alert = alertOf(request.params.id);
    if (alert?.firedAt === undefined) return refuse(request, reply, 404, noIncident);
    return show(request, reply, alert.summary, (moment, visitor) =>
      incidentPage(alert, moment, visitor),
    );
  });

  server.post<{ Params: { id: string } }>(
    "/incidents/:id/acknowledge",
    { onRequest: [requireLook, requireChange] },
    (request, reply) => {
      const { person, signsIn } = visitorOf(request);
      if (person === undefined) {
        const next =
          signsIn === "here"
            ? html`<a href="/sign-in?to=/incidents/${request.params.id}">Sign in</a>`
            : "Set MONITOR_TOKEN for the monitor, or acknowledge with aleo-ops alerts acknowledge.";
        return refuse(request, reply, 401, ["Not signed in", "Nothing was changed.", next]);
      }
      const alert = alertOf(request.params.id);
      if (alert?.firedAt === undefined) return refuse(request, reply, 404, noIncident);
      const { store } = monitor;
      store.database.atomically(() => {
        // Acknowledged a moment ago by somebody else: theirs stands.
        if (!store.alerts.acknowledge(alert.id, person)) return;
        store.alerts.record(alert.id, monitor.now(), "acknowledged", person);
      });
      monitor.tell();
      log.info({ alert: alert.id, rule: alert.rule, by: person }, "An alert was acknowledged");
      return reply.redirect(`/incidents/${alert.id}`, 303);
    },
  );

  server.get("/backups", read, (request, reply) => show(request, reply, "Backups", backupsPage));

  server.get("/escalation", read, (request, reply) =>
    show(request, reply, "Escalation", escalationPage),
  );

  server.get<{ Querystring: { to?: string } }>("/sign-in", (request, reply) => {
    const to = localPath(request.query.to);
    if (token === undefined) return refuse(request, reply, 404, noSignIn);
    return reply.type("text/html; charset=utf-8").send(barePage("Sign in", signInPage(to)));
  });

  server.post<{ Body: { name?: string; token?: string; to?: string } | undefined }>(
    "/sign-in",
    { onRequest: requireChange },
    (request, reply) => {
      if (token === undefined) return refuse(request, reply, 404, noSignIn);
      const { name, token: given = "", to } = request.body ?? {};
      const person = personName(name);
      const problem = !isToken(token, given)
        ? "That is not the token."
        : person === undefined
          ? "Please give your name."
          : undefined;
      if (problem !== undefined || person === undefined) {
        log.warn({ problem }, "Somebody could not sign in");
        return reply
          .code(401)
          .type("text/html; charset=utf-8")
          .send(barePage("Sign in", signInPage(localPath(to), problem)));
      }
      return reply
        .setCookie(cookie, sessionText(person, monitor.now()), {
          ...{ signed: true, httpOnly: true, sameSite: "strict", path: "/" },
          secure: request.headers["x-forwarded-proto"] === "https",
          maxAge: sessionMs / 1_000,
        })
        .redirect(localPath(to), 303);
    },
  );

  server.post("/sign-out", { onRequest: requireChange }, (_, reply) =>
    reply.clearCookie(cookie, { path: "/" }).redirect("/", 303),
  );

  server.get<{ Querystring: { program?: string; after?: string } }>(
    "/live",
    read,
    (request, reply) => {
      const known = request.headers["last-event-id"] ?? request.query.after;
      const after = /^\d{1,10}$/.test(String(known)) ? Number(known) : undefined;
      const stream = live.join(request.query.program, after);
      if (stream === undefined) {
        return reply.code(503).send({ problem: "Too many pages are open." });
      }
      return reply.header("x-accel-buffering", "no").type("text/event-stream").send(stream);
    },
  );

  server.get<{ Params: { name: string } }>("/assets/:name", (request, reply) => {
    const folder = assets[request.params.name];
    return folder === undefined
      ? reply.code(404).send({ problem: "There is no such file." })
      : reply.sendFile(request.params.name, folder);
  });

  function alertOf(text: string) {
    return /^\d{1,15}$/.test(text) ? monitor.store.alerts.get(Number(text)) : undefined;
  }
}

const noIncident = [
  "No such incident",
  "It was never there, or it was resolved so long ago that it is forgotten.",
  html`<a href="/incidents">All incidents</a>`,
] as const;

const noSignIn = [
  "Nobody can sign in here",
  "No token is set for this monitor.",
  html`Set MONITOR_TOKEN for it (docs/dashboard.md). <a href="/">Overview</a>`,
] as const;

const fromElsewhere = [
  "Refused",
  "The request did not come from a page of this dashboard. Nothing was changed.",
  html`Open the dashboard and do it there. <a href="/">Overview</a>`,
] as const;

const notToBeSeen = [
  "Not to be seen from here",
  "This monitor can be reached from other machines, and it is not said who may look at it.",
  "Set MONITOR_TOKEN for it (docs/dashboard.md).",
] as const;
