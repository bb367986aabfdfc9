import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import type { Log } from "sarif";
import { projectDirectory } from "../../../local/paths.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const cli = join(projectDirectory, "operations", "cli.ts");
const key = ["APrivate", "Key1zkp", "C".repeat(44)].join("");

async function scan(cwd: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [cli, "security-scan", "--json", ...args],
    { cwd, reject: false, env: { ALEO_NETWORK: undefined } },
  );
  const document = (stdout === "" ? { findings: [] } : JSON.parse(stdout)) as {
    readonly findings: readonly {
      rule: string;
      file: string;
      line: number;
      commit?: string;
      accepted?: object;
    }[];
    readonly parts: readonly { part: string; problem?: string }[];
  };
  return { exitCode, stderr, stdout, ...document };
}

describe("security-scan", function () {
  this.timeout(60_000);
  const directory = temporaryDirectory("security-scan");
  const root = directory.path;
  after(() => {
    directory.remove();
  });
  const git = (...args: string[]) =>
    execaSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.org", ...args], {
      cwd: root,
    });
  const commit = () => {
    git("add", "-A");
    git("commit", "-q", "-m", "a");
    return git("rev-parse", "HEAD").stdout;
  };

  it("finds nothing in this project that is not accepted, in its history neither", async () => {
    const { exitCode, findings, stderr } = await scan(projectDirectory, "--deep");
    assert.equal(stderr, "");
    assert.deepEqual(
      findings.filter(({ accepted }) => accepted === undefined),
      [],
    );
    assert.equal(exitCode, 0);
  });

  it("finds a key in a commit after it was taken out of the file, and does not show it", async () => {
    git("init", "-q");
    writeFileSync(
      join(root, "Pulumi.local.yaml"),
      'config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["http://127.0.0.1:1"]\n  aleo-ops:maxFee: "1"\n',
    );
    writeFileSync(join(root, "notes.txt"), `one\nkey ${key}\n`);
    const leak = commit();
    rmSync(join(root, "notes.txt"));
    commit();

    assert.deepEqual((await scan(root)).findings, []);
    const deep = await scan(root, "--deep", "--sarif", "scan.sarif");
    assert.equal(deep.exitCode, 3);
    assert.deepEqual(
      deep.findings.map(({ rule, file, line, commit: found }) => ({ rule, file, line, found })),
      [{ rule: "secret-in-history", file: "notes.txt", line: 2, found: leak }],
    );
    assert.ok(!deep.stdout.includes(key));
    const sarif = JSON.parse(readFileSync(join(root, "scan.sarif"), "utf8")) as Log;
    const [result] = sarif.runs[0]?.results ?? [];
    assert.equal(result?.level, "error");
    assert.equal(result.locations?.[0]?.physicalLocation?.region?.startLine, 2);
    assert.ok(!JSON.stringify(sarif).includes(key));
    rmSync(join(root, "scan.sarif"));
  });

  it("finds what is not committed yet, a plain secret of a stack, and an unpinned action", async () => {
    mkdirSync(join(root, ".github", "workflows"), { recursive: true });
    writeFileSync(
      join(root, ".github", "workflows", "x.yml"),
      "on: push\npermissions: {}\njobs:\n  a:\n    steps:\n      - uses: some/action@v1\n",
    );
    writeFileSync(join(root, "new.ts"), `const a = "${key}";\n`);
    writeFileSync(join(root, "Pulumi.testnet.yaml"), "config:\n  aleo-ops:webhookSecret: open\n");
    const { exitCode, findings } = await scan(root);
    assert.equal(exitCode, 3);
    assert.deepEqual(findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`).sort(), [
      "plain-secret-setting Pulumi.testnet.yaml:2",
      "secret-in-tree new.ts:1",
      "unpinned-action .github/workflows/x.yml:6",
    ]);
  });

  it("says of what is not there that it did not look at it", async () => {
    const { parts } = await scan(root);
    const open = parts.filter(({ problem }) => problem !== undefined).map(({ part }) => part);
    assert.deepEqual(open, ["packages", "image", "IAM policies", "Kubernetes", "programs"]);
  });

  it("refuses a file of accepted findings without a reason", async () => {
    const folder = join(root, "operations", "security-scan");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "accepted.yaml"),
      "findings: [{ rule: a, file: b, subject: c, reason: ok, until: 2027-01-01 }]\n",
    );
    const { exitCode, stderr } = await scan(root);
    assert.equal(exitCode, 1);
    assert.match(stderr, /A reason says why, in a sentence/);
  });
});
