import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { MonitorSettingError } from "../errors.ts";
import type { Environment } from "../settings.ts";

/** Who may look at the dashboard, and who may change something. */
export interface Access {
  /** What people sign in with, and an OIDC proxy in front; undefined: nobody can. */
  readonly token: string | undefined;
}

/** For how long somebody stays signed in, in ms: one shift. */
export const sessionMs = 12 * 3_600_000;
const shortestToken = 16;

/**
 * MONITOR_TOKEN.
 * @throws MonitorSettingError naming the variable, and never the token
 */
export function dashboardAccess(environment: Environment): Access {
  const token = environment.MONITOR_TOKEN ?? "";
  if (token !== "" && token.length < shortestToken) {
    throw new MonitorSettingError(
      `MONITOR_TOKEN is shorter than ${shortestToken} characters, so that it could be guessed.`,
      { remedy: "Set a random one: openssl rand -hex 24." },
    );
  }
  return { token: token === "" ? undefined : token };
}

/**
 * The person that an OIDC proxy in front names, where it proves itself with the token:
 * `Authorization: Basic`, the person as the user, the token as the password. A header without a proof
 * would be believed of everybody who reaches the port.
 */
export function personByProxy(authorization: string | undefined, token: string) {
  const [, encoded = ""] = /^Basic ([\w+/=-]+)$/i.exec(authorization ?? "") ?? [];
  const [, name, given = ""] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  return isToken(token, given) ? personName(name) : undefined;
}

/** Compares in a time that does not depend on how much of it is right. */
export function isToken(expected: string, given: string): boolean {
  return timingSafeEqual(digest(expected), digest(given));
}

/** The key that signs the cookies of those who signed in with a token: another token ends them all. */
export function cookieKey(token: string): string {
  return digest(`aleo-ops dashboard session\n${token}`).toString("hex");
}

/** The text of a session's cookie; it is signed by whoever sets it. */
export function sessionText(person: string, now: number): string {
  return `${now + sessionMs}.${Buffer.from(person).toString("base64url")}`;
}

/** @returns the person, or undefined where the session is over */
export function personIn(session: string, now: number): string | undefined {
  const [ends = "", name = ""] = session.split(".");
  return Number(ends) > now ? Buffer.from(name, "base64url").toString() : undefined;
}

/**
 * Whether a page of this very site sent the request. Browsers say so in `Sec-Fetch-Site`, which no
 * page can set; older ones, and those that speak plain HTTP, in `Origin`.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** A path of this site to go on to after signing in; never another site. */
export function localPath(text: unknown): string {
  return typeof text === "string" && /^\/(?![/\\])[\w./?=&-]*$/.test(text) ? text : "/";
}

/** What somebody calls themselves, on one line. */
export function personName(text: unknown): string | undefined {
  const name = typeof text === "string" ? text.replace(/\s+/g, " ").trim() : "";
  return /^[^\p{C}]{1,80}$/u.test(name) ? name : undefined;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
