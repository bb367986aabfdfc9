import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";

/**
 * Whether the request names this machine as its host. Under another name for this address a web
 * page of that name could read what is here (DNS rebinding).
 */
export function isForThisMachine({ headers }: FastifyRequest): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "");
}

/** Whether the request carries the token as PagerDuty's clients send it. */
export function isAuthorized({ headers }: FastifyRequest, token: string): boolean {
  const given = /^(?:Token token=|Bearer )"?([^"\s]+)"?$/.exec(headers.authorization ?? "")?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
