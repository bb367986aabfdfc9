import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { sampleRegistry } from "./sample-registry.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
const program = "agent_registry_v2.aleo";
const id = "20250621_1200";

/** Refused while the backup is opened: no node is asked, and nothing is written. */
describe("A restore of what can't be restored", function () {
  this.timeout(60_000);
  const directory = temporaryDirectory("restore-bad-input");
  const place = join(directory.path, "backups");
  const to = join(directory.path, "files");
  after(() => {
    directory.remove();
  });
  before(async () => {
    for (const network of ["local", "testnet"]) {
      writeFileSync(
        join(directory.path, `Pulumi.${network}.yaml`),
        `config:\n  aleo-ops:network: ${network}\n  aleo-ops:endpoints: ["http://127.0.0.1:1"]\n  aleo-ops:maxFee: "1"\n`,
      );
    }
    const store = await openStore(place, { network: "local", backups: undefined }, {});
    for (const day of [20, 21, 22, 23]) {
      const begun = new Date(Date.UTC(2025, 5, day, 12));
      await writeBackup(store, sampleRegistry({ agents: 3 }), { begun });
    }
    store.close();
    const folder = (one: string, of = program) => join(place, of, one);
    cpSync(folder(id), folder(id, "trust_verifier_v2.aleo"), { recursive: true });
    const newer = join(folder("20250622_1200"), "manifest.json");
    writeFileSync(newer, readFileSync(newer, "utf8").replace('"version": 1', '"version": 2'));
    writeFileSync(join(folder("20250623_1200"), "stakes", "000000.ndjson.zst"), "spoilt");
  });

  const restore = (args: readonly string[]) =>
    execa(process.execPath, [cli, "restore", "--store", place, ...args], {
      cwd: directory.path,
      reject: false,
    });
  const named = (backup: string, contract = program) => [
    ...["--backup-id", backup, "--contract", contract],
  ];

  for (const [what, args, said] of [
    ["an id that is none", named("yesterday"), /yesterday.* is no id of a backup.*backups list/s],
    ["an id that there is not", named("20200101_0000"), /no backup 20200101_0000.*backups list/s],
    ["a program that has none", named(id, "nobody.aleo"), /no backup .* of nobody.aleo/],
    [
      "another program's backup",
      named(id, "trust_verifier_v2.aleo"),
      /is of agent_registry_v2.aleo on local, not of trust_verifier_v2.aleo/,
    ],
    [
      "another network's backup",
      [...named(id), "--network", "testnet"],
      /is of agent_registry_v2.aleo on local, not of agent_registry_v2.aleo on testnet/,
    ],
    ["a newer format", named("20250622_1200"), /version 2 of the backup format.*newer one/s],
    ["a damaged object", named("20250623_1200"), /stakes\/000000.ndjson.zst is damaged/],
  ] as const) {
    it(`says so of ${what}`, async () => {
      const { exitCode, stdout, stderr } = await restore([...args, "--to-folder", to]);
      assert.equal(exitCode, 1, stdout);
      assert.match(stderr, said);
      assert.equal(stdout, "");
    });
  }

  it("says so of a place that is missing, or is two", async () => {
    for (const where of [
      [],
      ["--to", "a.aleo", "--to-folder", to],
      ["--to-devnode", "--to", "a"],
    ]) {
      const { exitCode, stderr } = await restore([...named(id), ...where]);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, /name a program with --to, a folder with --to-folder, or --to-devnode/);
    }
  });

  it("writes the good one", async () => {
    const good = join(directory.path, "good");
    assert.equal((await restore([...named(id), "--to-folder", good])).exitCode, 0);
    assert.ok(existsSync(join(good, "stakes.ndjson")));
  });
});
