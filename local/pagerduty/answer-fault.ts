import type { FastifyReply, FastifyRequest } from "fastify";
import type { Fault } from "./faults.ts";
import { errorOf } from "./rest/errors.ts";

/** What PagerDuty sends along with "too many requests". */
export const rateLimitHeaders = {
  "ratelimit-limit": "960",
  "ratelimit-remaining": "0",
  "ratelimit-reset": "1",
} as const;

/** Answers a request with a fault, in the words of the REST API or of the Events API. */
export function answerFault(
  fault: Fault,
  isEvent: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (fault.status !== undefined) {
    if (!isEvent) throw errorOf(fault.status, fault.errors);
    void reply.code(fault.status).send(eventError(fault.status, fault.errors));
    return;
  }
  void reply.hijack();
  if (fault.answer === "cut") request.raw.socket.destroy();
}

function eventError(status: number, errors: readonly string[] = []): object {
  if (status === 429) {
    return {
      status: "throttle exceeded",
      message: "Requests for this service are arriving too quickly. Please retry later.",
      errors: ["Enhance Your Calm.", ...errors],
    };
  }
  return status < 500
    ? { status: "invalid event", message: "Event object is invalid", errors }
    : { status: "error", message: "Internal Server Error", errors };
}
