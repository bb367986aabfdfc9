import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { catalogOf } from "../../aleo/backup/catalog.ts";
import { verifyBackup } from "../../aleo/backup/verify-backup.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { scratchBuckets } from "./scratch-bucket.ts";

const script = fileURLToPath(import.meta.resolve("./backup-process.ts"));
const killAtCall = import.meta.resolve("./kill-at-call.ts");
/** Each object is a folder, a file aside, a link, its removal, and the folders above synced. */
const callsOfRun = 8 * 8;
const points = 16;

const start = (place: string, env: NodeJS.ProcessEnv = {}) =>
  execa(process.execPath, [script], { env: { BACKUP_STORE: place, ...env }, reject: false });

async function statesIn(place: string): Promise<string[]> {
  const store = await openStore(place, { network: "local", backups: undefined }, process.env);
  const catalog = await catalogOf(store, "local");
  const checks = catalog.map((backup) => verifyBackup(store, backup, { readData: true }));
  const states = (await Promise.all(checks)).map(({ state }) => state);
  store.close();
  return states;
}

async function succeeds(place: string): Promise<void> {
  const { exitCode, stderr } = await start(place);
  assert.equal(exitCode, 0, stderr);
  const states = await statesIn(place);
  assert.equal(states.at(-1), "good", states.join());
}

describe("A backup that is killed", function () {
  this.timeout(180_000);

  describe("in a folder", () => {
    const directory = temporaryDirectory("backup-kill");
    after(() => {
      directory.remove();
    });

    it(`at ${points} moments leaves none that counts, and the next run is whole`, async () => {
      const place = join(directory.path, "store");
      let killed = 0;
      for (let point = 0; point < points; point += 1) {
        const at = 1 + Math.round((point * callsOfRun) / points);
        const env = { KILL_AT: String(at), NODE_OPTIONS: `--import=${killAtCall}` };
        const { signal } = await start(place, env);
        if (signal === "SIGKILL") killed += 1;
        const states = await statesIn(place);
        assert.ok(
          states.every((state) => state === "incomplete" || state === "good"),
          `${at}: ${states.join()}`,
        );
      }
      assert.ok(killed >= points - 2, `only ${killed} runs were killed`);
      await succeeds(place);
    });
  });

  describe("in a bucket", () => {
    const buckets = scratchBuckets();

    it("before and after each request leaves none that counts until the last is answered", async () => {
      const place = `s3://${await buckets.make()}`;
      const requests = 8;
      for (let request = 1; request <= requests; request += 1) {
        for (const moment of ["before", "after"] as const) {
          buckets.proxy.clear();
          const run = start(place);
          buckets.proxy.watch((now, count) => {
            if (now === moment && count === request) run.kill("SIGKILL");
          });
          await run;
          buckets.proxy.clear();
          const last = (await statesIn(place)).at(-1);
          const isWhole = request === requests;
          // The request may arrive although its sender is dead.
          if (isWhole) assert.ok(last === "good" || last === "incomplete");
          else assert.equal(last, "incomplete", `${moment} ${request}`);
        }
      }
      buckets.proxy.clear();
      await succeeds(place);
    });
  });
});
