import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Store } from "../../monitor/store/store.ts";
import { admin } from "../contracts/accounts.ts";
import { scratchChain } from "../contracts/chain.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { blocksPerRound, makeBusyBlocks, program, truthOf } from "./support/busy-chain.ts";
import { alertReceiver } from "./support/receiver.ts";

/** `make soak` sets 200. A round of blocks goes by for each. */
const kills = Number(process.env.MONITOR_KILLS ?? 8);

/** Each fires once, at a count of its own, and stays: so the alerts of two runs can be compared. */
const calls = 2 * kills;
const callsPerAlert = Math.ceil(calls / 40);
const alerts = Math.floor(calls / callsPerAlert);
const rules = JSON.stringify({
  rules: Object.fromEntries(
    Array.from({ length: alerts }, (_, index) => [
      `rate-${index + 1}`,
      {
        kind: "failure-rate",
        severity: "critical",
        ...{ threshold: 0.2, minimumCount: (index + 1) * callsPerAlert, window: "7d" },
        resolveAfter: "7d",
      },
    ]),
  ),
});

describe("A monitor that is killed again and again", function () {
  this.timeout(240_000 + kills * 6_000);
  const chain = scratchChain(admin, program);
  const receiver = alertReceiver();
  const scratch = temporaryDirectory("monitor-kill");
  after(() => {
    scratch.remove();
  });

  const url = () => chain.node.endpoints[0] ?? "";
  /** The command as people run it, on the project's own stack file. */
  const start = (database: string) =>
    spawn(
      process.execPath,
      [join("operations", "cli.ts"), "monitor", "--network", "local", "--from-block", "0"],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: {
          ...process.env,
          ALEO_NODE_URL: url(),
          MONITOR_DATABASE: database,
          MONITOR_RULES: join(scratch.path, "rules"),
          MONITOR_PORT: "0",
          MONITORING_INTERVAL: "0.1",
          PAGERDUTY_KEY_CRITICAL: "key",
          PAGERDUTY_EVENTS_URL: receiver.url,
        },
      },
    );
  const withStore = <Result>(database: string, work: (store: Store) => Result): Result => {
    const store = Store.open(database, "local");
    try {
      return work(store);
    } finally {
      store.close();
    }
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  /** Lets a monitor read to the end and send what waits, and ends it as a cluster does. */
  const finish = async (database: string, height: number) => {
    const last = start(database);
    await once(last.stdout, "data");
    last.stdout.resume();
    const ended = once(last, "exit");
    await until(() =>
      withStore(
        database,
        (store) =>
          store.chain.cursor()?.height === height && store.outbox.next("pagerduty") === undefined,
      ),
    );
    last.kill("SIGTERM");
    const [code] = (await ended) as [number | null];
    assert.equal(code, 0, "it ends by itself when it is told to");
  };

  it("misses no block, takes none twice, and tells of each alert once by its key", async () => {
    mkdirSync(join(scratch.path, "rules"));
    writeFileSync(join(scratch.path, "rules", "local.yaml"), rules);
    const database = join(scratch.path, "killed.sqlite");

    let killed = 0;
    const makeBlocks = async () => {
      for (let round = 0; round < kills; round += 1) {
        await until(() => killed >= round);
        await makeBusyBlocks(chain, url(), round);
      }
    };
    const isDone = { blocks: false };
    const blocks = makeBlocks().finally(() => (isDone.blocks = true));
    while (killed < kills || !isDone.blocks) {
      const run = start(database);
      const ended = once(run, "exit");
      // From its first line on it reads.
      await Promise.race([once(run.stdout, "data"), ended]);
      run.stdout.resume();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_500));
      run.kill("SIGKILL");
      const [, signal] = (await ended) as [number | null, string | null];
      assert.equal(signal, "SIGKILL", "it goes on until it is killed");
      killed += 1;
    }
    await blocks;
    const truth = await truthOf(url());
    const head = truth.heights.at(-1) ?? 0;
    assert.ok(head >= kills * blocksPerRound);
    await finish(database, head);

    const read = withStore(database, (store) => ({
      heights: store.database.all("SELECT height FROM blocks WHERE height > 0 ORDER BY height"),
      transactions: store.database.all("SELECT id FROM transactions ORDER BY id"),
      keys: store.alerts.since(0).map(({ dedupKey }) => dedupKey),
    }));
    assert.deepEqual(
      read.heights.map(({ height }) => height),
      truth.heights,
    );
    assert.deepEqual(
      read.transactions.map(({ id }) => id),
      truth.transactions,
    );

    // What one undisturbed run over the same blocks finds.
    const triggers = receiver.events();
    const undisturbed = join(scratch.path, "undisturbed.sqlite");
    await finish(undisturbed, head);
    const wanted = withStore(undisturbed, (store) =>
      store.alerts.since(0).map(({ dedupKey }) => `trigger ${String(dedupKey)}`),
    ).toSorted();
    assert.equal(wanted.length, alerts);
    assert.deepEqual(read.keys.map((key) => `trigger ${String(key)}`).toSorted(), wanted);
    assert.deepEqual([...new Set(triggers)].toSorted(), wanted);
  });
});
