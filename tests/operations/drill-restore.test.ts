import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { catalogOf } from "../../aleo/backup/catalog.ts";
import { stateOf } from "../../aleo/backup/verify-backup.ts";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import type { ListedBackup } from "../../operations/backup/list.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import type { DrilledRestore } from "../../operations/drill/restore.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { sampleRegistry } from "./sample-registry.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
const oldRegistry = "agent_registry_v2.aleo";
const newRegistry = "agent_registry_v3.aleo";

describe("The restore drill", function () {
  this.timeout(180_000);
  const directory = temporaryDirectory("drill");
  after(() => {
    directory.remove();
  });
  const place = join(directory.path, "backups");
  const store = () => openStore(place, { network: "local", backups: undefined }, {});
  const run = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [cli, ...args, "--store", place],
      { cwd: directory.path, env, reject: false },
    );
    return { code: exitCode, stdout, stderr };
  };

  before(() => {
    writeFileSync(
      join(directory.path, "Pulumi.local.yaml"),
      `config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["http://127.0.0.1:1"]\n  aleo-ops:maxFee: "1"\n  aleo-ops:programs: [{"program": "${oldRegistry}"}, {"program": "trust_verifier_v2.aleo"}]\n`,
    );
  });

  it("says that there is no backup to restore, and how to make one", async () => {
    const { code, stderr } = await run(["drill", "restore"]);
    assert.equal(code, 1);
    assert.match(stderr, /no good backup of agent_registry_v2.aleo.*aleo-ops backup --all/s);
  });

  it("restores the newest good backup into a chain of its own, every entry, and notes it", async () => {
    const bucket = await store();
    const older = { begun: new Date("2025-06-20T12:00:00Z") };
    await writeBackup(bucket, sampleRegistry({ agents: 1 }), older);
    await writeBackup(bucket, sampleRegistry({ agents: 100, withdrawals: 10 }), {
      begun: new Date("2025-06-21T12:00:00Z"),
    });
    // Its source is what takes the state in: the old program has no imports.
    await writeBackup(bucket, sampleRegistry({ agents: 0 }, newRegistry), older);

    const { code, stdout, stderr } = await run(["drill", "restore", "--json"]);
    assert.equal(code, 1, stderr);
    const [drilled, missing] = JSON.parse(stdout) as DrilledRestore[];
    assert.match(JSON.stringify(missing), /no good backup of trust_verifier_v2.aleo/);
    assert.ok(drilled !== undefined && "compared" in drilled, stdout);
    const { backup, into, transactions, compared, differences, noted } = drilled;
    // Thirteen of agents, two of withdrawals, one of the fees.
    assert.deepEqual([backup, into, transactions], ["20250621_1200", newRegistry, 16]);
    assert.deepEqual([compared, differences, noted], [3 * 100 + 10 + 5, [], true]);

    const catalog = await catalogOf(bucket, "local", oldRegistry);
    assert.deepEqual(catalog.map(stateOf), ["good", "good"]);
    assert.deepEqual(
      catalog.map(({ check, restoredAt }) => [check?.verdict, restoredAt !== undefined]),
      [
        [undefined, false],
        ["good", true],
      ],
    );
    const listed = await run(["backups", "list", "--json"]);
    const restored = (JSON.parse(listed.stdout) as ListedBackup[]).filter(
      ({ restoredAt }) => restoredAt !== null,
    );
    assert.deepEqual(
      restored.map(({ id, program }) => [id, program]),
      [["20250621_1200", oldRegistry]],
    );
  });

  it("tells an entry that can't be restored, and notes nothing", async () => {
    const bucket = await store();
    const wrong = sampleRegistry({ agents: 2 });
    const begun = new Date("2025-06-22T12:00:00Z");
    const mappings = wrong.mappings.map((mapping) =>
      mapping.name === "total_staked"
        ? { ...mapping, entries: [["0u8", "7u64"] as const] }
        : mapping,
    );
    await writeBackup(bucket, { ...wrong, mappings }, { begun });
    const { code, stdout } = await run(["drill", "restore", "--contract", oldRegistry]);
    assert.equal(code, 3, stdout);
    assert.match(stdout, /1 of 11 entries differ:\n {4}changed total_staked\[0u8\]/);
    assert.equal((await catalogOf(bucket, "local", oldRegistry)).at(-1)?.restoredAt, undefined);
  });

  it("is what `restore --to-devnode` does for somebody who looks at it, until Ctrl-C", async () => {
    const args = ["restore", "--backup-id", "20250621_1200", "--contract", oldRegistry];
    const looking = execa(
      process.execPath,
      [cli, ...args, "--to-devnode", "--json", "--store", place],
      { cwd: directory.path, reject: false },
    );
    let shown = "";
    const url = await new Promise<string>((resolve, reject) => {
      looking.stdout.on("data", (chunk: Buffer) => {
        shown += chunk.toString();
        if (shown.trimEnd().endsWith("}")) {
          resolve((JSON.parse(shown) as { url: string }).url);
        }
      });
      looking.then(({ stderr }) => {
        reject(new Error(stderr));
      }, reject);
    });
    const stakes = `${url}/testnet/program/${newRegistry}/mapping/stakes/30field`;
    assert.equal(await (await fetch(stakes)).json(), "1000000u64");
    looking.kill("SIGINT");
    assert.equal((await looking).exitCode, 0);
    await assert.rejects(fetch(stakes));
  });

  it("says what is missing where there is no devnode that runs", async () => {
    const args = ["drill", "restore", "--contract", oldRegistry];
    const { code, stdout } = await run(args, { ALEO_DEVNODE: "/bin/false" });
    assert.equal(code, 1);
    assert.match(stdout, /The devnode ended before it was ready.*\n.*Set ALEO_DEVNODE/);
  });
});
