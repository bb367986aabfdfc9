/** What a test did; a text is printed above its name. */
type Result = Promise<string | undefined>;

interface Work {
  readonly run: () => Result;
  readonly settle: (result: Result) => void;
}

/** Declares a test of a lane, as `it` does. */
type LaneTest = (title: string, run: () => Result) => void;

interface Lanes {
  readonly lane: () => LaneTest;
  /** Resolves when no test of any lane runs any more. */
  readonly ended: () => Promise<void>;
}

/**
 * Tests that run beside each other, because each is mostly waiting for processes of its own: a lane
 * runs its tests one after the other, and all lanes run at once. Call it in a `describe`; the lanes
 * start after the `before` hooks that stand above the call, and each test waits for its turn.
 */
export function lanes(): Lanes {
  const all: Work[][] = [];
  let ended: Promise<unknown> = Promise.resolve();

  before(() => {
    ended = Promise.all(
      all.map(async (works) => {
        for (const { run, settle } of works) {
          const result = run();
          settle(result);
          await result.catch(() => undefined);
        }
      }),
    );
  });

  return {
    lane: () => {
      const works: Work[] = [];
      all.push(works);
      return (title, run) => {
        const { promise, resolve } = Promise.withResolvers<string | undefined>();
        promise.catch(() => undefined);
        works.push({ run, settle: resolve });
        it(title, async () => {
          const text = await promise;
          if (text !== undefined) console.log(`      ${text}`);
        });
      };
    },
    ended: async () => {
      await ended;
    },
  };
}
