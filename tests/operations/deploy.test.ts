import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { connect } from "../../aleo/node/client.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { alice } from "../contracts/accounts.ts";
import { suiteOf } from "../dynamic-providers/stack-programs.ts";
import { createLocalProject, type LocalProject } from "../support/local-project.ts";

const first = "trust_verifier_v2.aleo";
const second = "trust_verifier_v3.aleo";
const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");

describe("A deployment by one command", function () {
  this.timeout(300_000);
  let project: LocalProject;

  const declare = (...programs: string[]) => {
    project.write(suiteOf(programs.map((program) => ({ source: compiledProgram(program) }))));
    const file = join(project.directory, "Pulumi.local.yaml");
    const salt = existsSync(file) ? /^encryptionsalt:.*$/m.exec(readFileSync(file, "utf8")) : null;
    writeFileSync(
      file,
      `${salt?.[0] ?? ""}
config:
  aleo-ops:network: local
  aleo-ops:endpoints: ["http://127.0.0.1:${project.port}"]
  aleo-ops:maxFee: "100000000"
  aleo-ops:programs: ${JSON.stringify(programs.map((program) => ({ program })))}
`,
    );
  };
  const store = () => join(project.directory, "backups");
  const deploy = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [cli, "deploy", "--watch", "1", "--yes", ...args],
      {
        cwd: project.directory,
        env: {
          ALEO_PRIVATE_KEY: alice.privateKey,
          ALEO_NODE_URL: undefined,
          ALEO_NETWORK: undefined,
          BACKUP_STORE: undefined,
        },
        stdin: "ignore",
        reject: false,
      },
    );
    return { code: exitCode ?? -1, stdout, stderr };
  };
  const editionOf = async (program: string) => {
    const url = `http://127.0.0.1:${project.port}`;
    const node = connect({ network: "local", endpoints: [url] });
    try {
      return await node.programEdition(program);
    } finally {
      await node.close();
    }
  };

  before(async () => {
    project = await createLocalProject("", { ALEO_PRIVATE_KEY: alice.privateKey });
    declare(first);
    const { code, stdout, stderr } = await project.run("up", "--port", String(project.port));
    assert.equal(code, 0, stdout + stderr);
    declare(first, second);
  });
  after(() => project.dispose());

  it("ends before anything is deployed where no backup can be made", async () => {
    const { code, stdout, stderr } = await deploy();
    assert.equal(code, 1, stdout);
    assert.match(stderr, /It is not known where the backups of local are/);
    assert.equal(await editionOf(second), undefined);
  });

  it("knows only what the stack declares", async () => {
    const { code, stderr } = await deploy("--only", "nowhere.aleo");
    assert.equal(code, 1);
    assert.match(stderr, /does not declare nowhere\.aleo/);
  });

  it("of one program alone deploys, verifies and watches it", async () => {
    const { code, stdout, stderr } = await deploy("--only", second, "--to", store());
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /Backup: nothing is deployed yet/);
    assert.match(stderr, /Verification: 1 program as declared/);
    assert.match(stdout, /^trust_verifier_v3\.aleo\n✔ declared/);
    assert.match(stdout, /✔ checksum +[0-9a-f]{64}, as the chain keeps it/);
    assert.match(stdout, /The blocks since\n✔ watch +\d+ blocks?/);
    assert.equal(await editionOf(second), 0);
  });

  it("backs up what is there, changes nothing, and says so as JSON", async () => {
    const { code, stdout, stderr } = await deploy("--to", store(), "--json");
    assert.equal(code, 0, stdout + stderr);
    const report = JSON.parse(stdout) as { programs: string[]; log: string };
    assert.deepEqual(report.programs, [first, second]);
    assert.deepEqual(readdirSync(store()).sort(), [first, second]);
    const log = readFileSync(join(project.directory, report.log), "utf8");
    assert.match(log, /Nothing changed/);
    assert.doesNotMatch(log, /APrivateKey1/);
  });
});
