import { createHmac } from "node:crypto";
import { post } from "./post.ts";
import type { Route } from "./route.ts";

/**
 * Any receiver of JSON. What it gets is a Notice; the header `x-aleo-ops-signature` is
 * `sha256=<hex>`, the HMAC with the shared secret of the header `x-aleo-ops-timestamp` (seconds since
 * 1970), a full stop and the body.
 */
export function webhook(address: string, secret: string, now: () => number): Route {
  return {
    name: "webhook",
    takes: () => true,
    send: (notice) => {
      const body = JSON.stringify(notice);
      const timestamp = String(Math.floor(now() / 1_000));
      return post(address, body, {
        "x-aleo-ops-timestamp": timestamp,
        "x-aleo-ops-signature": `sha256=${signature(secret, timestamp, body)}`,
      });
    },
  };
}

function signature(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
}
