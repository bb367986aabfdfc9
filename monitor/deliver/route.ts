import type { Receiver } from "../alert/judge.ts";
import type { Notice } from "../alert/notices.ts";

/** What became of one attempt to tell a receiver. */
export type Outcome =
  | { readonly kind: "sent" }
  /** The receiver understood it and does not take it: sending it again is no use. */
  | { readonly kind: "refused"; readonly problem: string }
  /** Not now. */
  | { readonly kind: "failed"; readonly problem: string; readonly retryAfterMs?: number };

/** A way to a receiver. Its problems never hold a key or a secret URL. */
export interface Route extends Receiver {
  /** Whether each severity has a key of its own, so that one may be wrong while another works. */
  readonly isPerSeverity?: true;
  readonly send: (notice: Notice) => Promise<Outcome>;
}
