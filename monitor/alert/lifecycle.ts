/** How long a rule waits before it fires, and before it calls a matter settled, in ms. */
export interface Patience {
  readonly for: number;
  readonly resolveAfter: number;
}

/** Where an open alert stands; `pending` is a condition that has not lasted long enough to fire. */
export interface OpenState {
  readonly status: "pending" | "firing" | "acknowledged";
  /** Since when the condition holds, in ms. */
  readonly since: number;
  /** Since when it holds no more, in ms. */
  readonly goodSince: number | undefined;
  /** How often it came back before the alert was resolved. */
  readonly returns: number;
}

/** `unknown`: what the rule looks at could not be read, so that nothing changes. */
export type Verdict = "bad" | "good" | "unknown";

export type Step =
  | { readonly kind: "nothing" }
  /** A condition began, or changed without anything to tell. */
  | { readonly kind: "keep"; readonly state: OpenState }
  | { readonly kind: "fire"; readonly state: OpenState }
  /** It never fired. */
  | { readonly kind: "drop" }
  | { readonly kind: "resolve" };

const nothing: Step = { kind: "nothing" };

/**
 * The next step of an alert. Pure.
 *
 * An alert whose condition comes and goes stays one alert: it is resolved only after the condition
 * has been gone for `resolveAfter`, and each return doubles that time, up to 32 times.
 */
export function nextStep(
  state: OpenState | undefined,
  verdict: Verdict,
  patience: Patience,
  now: number,
): Step {
  if (verdict === "unknown") return nothing;
  return verdict === "bad" ? stepIfBad(state, patience, now) : stepIfGood(state, patience, now);
}

function stepIfBad(state: OpenState | undefined, patience: Patience, now: number): Step {
  const current: OpenState = state ?? {
    status: "pending",
    since: now,
    goodSince: undefined,
    returns: 0,
  };
  if (current.status === "pending") {
    return now - current.since >= patience.for
      ? { kind: "fire", state: { ...current, status: "firing" } }
      : state === undefined
        ? { kind: "keep", state: current }
        : nothing;
  }
  return current.goodSince === undefined
    ? nothing
    : {
        kind: "keep",
        state: { ...current, goodSince: undefined, returns: current.returns + 1 },
      };
}

function stepIfGood(state: OpenState | undefined, { resolveAfter }: Patience, now: number): Step {
  if (state === undefined) return nothing;
  if (state.status === "pending") return { kind: "drop" };
  const goodSince = state.goodSince ?? now;
  if (now - goodSince >= resolveAfter * 2 ** Math.min(state.returns, 5)) return { kind: "resolve" };
  return state.goodSince === undefined ? { kind: "keep", state: { ...state, goodSince } } : nothing;
}
