import { z } from "zod";

/** What to answer instead of the truth, and for how long. */
export type Fault = z.infer<typeof faultSchema>;

/**
 * `status`: that HTTP status at once. `silence`: no answer, the connection stays open. `cut`: the
 * connection ends before the request is looked at. `lost`: the request is carried out, and the
 * connection ends in place of the answer.
 */
export const faultSchema = z
  .strictObject({
    answer: z.enum(["status", "silence", "cut", "lost"]),
    status: z.number().int().min(400).max(599).optional(),
    /** Only calls whose `METHOD path` begins so: `POST /v2/enqueue`. */
    calls: z.string().optional(),
    /** How many calls; without it and `forMs`, one. */
    count: z.number().int().positive().optional(),
    forMs: z.number().int().positive().optional(),
    /** What PagerDuty would say, in the answer's error. */
    errors: z.array(z.string()).optional(),
  })
  .refine(({ answer, status }) => (answer === "status") === (status !== undefined), {
    error: "`status` is needed with answer status, and only then",
  });

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault for this call, if one is due; counts it. */
  next(call: string): Fault | undefined;
}

/** Faults in the order in which they were asked for. They don't outlive the process. */
export function createFaults(now: () => number = Date.now): Faults {
  let active: { fault: Fault; left: number; until: number }[] = [];
  return {
    add: (fault) => {
      const { count, forMs } = fault;
      active.push({
        fault,
        left: count ?? (forMs === undefined ? 1 : Infinity),
        until: forMs === undefined ? Infinity : now() + forMs,
      });
    },
    clear: () => {
      active = [];
    },
    next: (call) => {
      active = active.filter(({ left, until }) => left > 0 && now() < until);
      const due = active.find(({ fault }) => call.startsWith(fault.calls ?? ""));
      if (due === undefined) return undefined;
      due.left -= 1;
      return due.fault;
    },
  };
}
