import { z } from "zod";

/** A valid event of the Events API v2. */
export type Event = z.infer<typeof trigger> | z.infer<typeof followUp>;

export type EventCheck = { readonly event: Event } | { readonly errors: readonly string[] };

/** The most that an event may have, in bytes. */
export const maximumEventBytes = 512 * 1_024;

const text = (name: string) =>
  z.string(`'${name}' is missing or blank`).refine((value) => value.trim() !== "", {
    error: `'${name}' is missing or blank`,
  });

const routing_key = text("routing_key")
  .refine(({ length }) => length === 32, {
    error: "Length of 'routing_key' is incorrect (should be 32 characters)",
  })
  .refine((key) => /^[a-z0-9]*$/i.test(key), {
    error: "'routing_key' cannot contain non-alphanumeric characters.",
  });

const dedup_key = text("dedup_key").refine(({ length }) => length <= 255, {
  error: "Length of 'dedup_key' is incorrect (should be 255 characters or less)",
});

const payload = z.object(
  {
    summary: text("payload.summary").refine(({ length }) => length <= 1_024, {
      error: "Length of 'payload.summary' is incorrect (should be 1024 characters or less)",
    }),
    source: text("payload.source"),
    severity: z.enum(
      ["critical", "error", "warning", "info"],
      "'payload.severity' is invalid (must be one of the following: 'critical', 'error', 'warning' or 'info')",
    ),
    timestamp: z.iso
      .datetime({ offset: true, error: "'payload.timestamp' is invalid (should be ISO 8601)" })
      .optional(),
    component: z.string("'payload.component' is invalid (should be a string)").optional(),
    group: z.string("'payload.group' is invalid (should be a string)").optional(),
    class: z.string("'payload.class' is invalid (should be a string)").optional(),
    custom_details: z.unknown().optional(),
  },
  "'payload' is missing or blank",
);

const links = z
  .array(
    z.object({ href: z.string(), text: z.string().optional() }),
    "'links' is invalid (should be a list of objects with 'href')",
  )
  .optional();

const images = z
  .array(
    z.object({ src: z.string(), href: z.string().optional(), alt: z.string().optional() }),
    "'images' is invalid (should be a list of objects with 'src')",
  )
  .optional();

const trigger = z.object({
  routing_key,
  event_action: z.literal("trigger"),
  dedup_key: dedup_key.optional(),
  payload,
  links,
  images,
});

const followUp = z.object({
  routing_key,
  event_action: z.enum(["acknowledge", "resolve"]),
  dedup_key,
});

const anyEvent = z.discriminatedUnion(
  "event_action",
  [trigger, followUp],
  "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')",
);

/** Checks the bytes of an event as PagerDuty's documentation says that they are checked. */
export function checkEvent(body: string): EventCheck {
  if (Buffer.byteLength(body) > maximumEventBytes) {
    return { errors: ["Event is too large (should be 512 KB or less)"] };
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { errors: ["JSON is invalid"] };
  }
  if (typeof value !== "object" || value === null) return { errors: ["JSON is not an object"] };
  const result = anyEvent.safeParse(value);
  if (result.success) return { event: result.data };
  return { errors: result.error.issues.map(({ message }) => message) };
}
