import type { OutboxStore } from "../store/outbox-store.ts";
import type { Outcome, Route } from "./route.ts";

/** Waits between attempts, in ms: doubled with each failure in a row, up to the longest. */
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;
/** After a failure the letters that have piled up go one by one at this distance, in ms. */
const spacingMs = 500;
const idleMs = 60_000;

interface RouteState {
  /** Failures in a row. */
  failures: number;
  restUntil: number;
  /** Whether letters may have piled up. */
  isPiledUp: boolean;
}

export interface DelivererOptions {
  readonly outbox: OutboxStore;
  readonly routes: readonly Route[];
  readonly now: () => number;
  readonly told: (route: string, outcome: Outcome) => void;
  /** What a store that can't be written threw. */
  readonly failed: (error: unknown) => void;
}

/**
 * Sends what is in the outbox, each letter at least once: it is marked as sent after its receiver
 * took it. The receivers know the same letter again by its dedup key.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #states = new Map<string, RouteState>();
  readonly #sleepers = new Set<() => void>();
  /** How often it was woken, so that a call during a turn is not lost. */
  #wakes = 0;
  #ended = false;
  #loops: Promise<unknown> | undefined;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loops = Promise.all(this.#options.routes.map((route) => this.#loop(route)));
  }

  /** To be called when something was put into the outbox. */
  wake(): void {
    this.#wakes += 1;
    for (const wake of this.#sleepers) wake();
  }

  /** Ends after the letters that are under way. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.wake();
    await this.#loops;
  }

  /**
   * Sends the next letter of a route, if its turn has come.
   * @returns how long to wait before the next turn, in ms; at most until `wake`
   */
  async turn(route: Route): Promise<number> {
    const { outbox, now, told } = this.#options;
    const state = this.#stateOf(route);
    const letter = outbox.next(route.name);
    if (letter === undefined) {
      state.isPiledUp = false;
      return idleMs;
    }
    const wait = Math.max(state.restUntil, letter.nextAt) - now();
    if (wait > 0) return wait;
    const outcome = await route.send(letter.notice);
    told(route.name, outcome);
    if (outcome.kind === "failed") {
      state.failures += 1;
      state.isPiledUp = true;
      const back = Math.min(longestWaitMs, firstWaitMs * 2 ** (state.failures - 1));
      const pause = Math.max(back, outcome.retryAfterMs ?? 0);
      state.restUntil = now() + pause;
      outbox.failed(letter.id, outcome.problem, now() + pause);
      return pause;
    }
    state.failures = 0;
    state.restUntil = state.isPiledUp ? now() + spacingMs : 0;
    if (outcome.kind === "sent") outbox.sent(letter.id, now());
    else outbox.refused(letter.id, outcome.problem, now());
    return state.isPiledUp ? spacingMs : 0;
  }

  #stateOf({ name }: Route): RouteState {
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state = { failures: 0, restUntil: 0, isPiledUp: false };
    this.#states.set(name, state);
    return state;
  }

  async #loop(route: Route): Promise<void> {
    while (!this.#ended) {
      const wakes = this.#wakes;
      let wait: number;
      try {
        wait = await this.turn(route);
      } catch (error) {
        this.#options.failed(error);
        wait = firstWaitMs;
      }
      if (wait > 0 && wakes === this.#wakes) await this.#sleep(wait);
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(awake);
        resolve();
      };
      const timer = setTimeout(awake, milliseconds);
      this.#sleepers.add(awake);
    });
  }
}
