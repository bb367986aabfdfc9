import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";

/** Components are judged as other resources are, and need no provider. */
const program = (image: string, keyMode: string) => `
import * as pulumi from "@pulumi/pulumi";

function declare(type: string, name: string, properties: pulumi.Inputs) {
  class Declared extends pulumi.ComponentResource {
    constructor() {
      super(type, name, properties);
      this.registerOutputs(properties);
    }
  }
  return new Declared();
}

declare("kubernetes:batch/v1:CronJob", "backup", {
  spec: {
    jobTemplate: {
      spec: {
        template: {
          spec: {
            securityContext: { runAsNonRoot: true },
            containers: [
              {
                name: "backup",
                image: ${JSON.stringify(image)},
                resources: { limits: { cpu: "1", memory: "256Mi" } },
                env: [{ name: "ALEO_PRIVATE_KEY", ${keyMode} }],
              },
            ],
          },
        },
      },
    },
  },
});

declare("aws:s3/bucket:Bucket", "backups", { bucket: "the-backups" });
declare("aws:s3/bucketVersioning:BucketVersioning", "versions", {
  bucket: "the-backups",
  versioningConfiguration: { status: "Enabled" },
});
declare("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "lock", {
  bucket: "the-backups",
  rule: { defaultRetention: { mode: "GOVERNANCE", days: 30 } },
});
declare("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "closed", {
  bucket: "the-backups",
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
});
declare(
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "encryption",
  {
    bucket: "the-backups",
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }],
  },
);
`;

const fromSecret = `valueFrom: { secretKeyRef: { name: "keys", key: "private" } }`;
const pinned = `ghcr.io/owner/aleo-ops:1.0.0@sha256:${"0a".repeat(32)}`;

describe("the policy pack in a run of the CLI", function () {
  this.timeout(180_000);
  let project: PulumiProject;
  let pack: readonly string[];

  before(async () => {
    project = await createPulumiProject({ program: program(pinned, fromSecret) });
    pack = ["--policy-pack", join(project.directory, "policies")];
  });
  after(() => {
    project.dispose();
  });

  it("lets a program pass that breaks no rule", async () => {
    const { code, stdout, stderr } = await project.pulumi(["preview", ...pack]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /aleo-ops@v0\.1\.0/);
    assert.doesNotMatch(stdout + stderr, /mandatory|warning|can't run policy/);
  });

  it("refuses one that breaks some before it is touched, and says what, why and what to do", async () => {
    project.write(program("ghcr.io/owner/aleo-ops:latest", `value: "hush-hush"`));
    const { code, stdout, stderr } = await project.pulumi([
      "up",
      "--yes",
      "--skip-preview",
      ...pack,
    ]);
    const shown = stdout + stderr;
    assert.notEqual(code, 0, shown);
    for (const expected of [
      /\[mandatory\] +images-are-pinned +\(kubernetes:batch\/v1:CronJob: backup\)/,
      /container backup has the image ghcr\.io\/owner\/aleo-ops:latest/,
      /\[mandatory\] +secrets-are-not-in-plain-text/,
      /the variable ALEO_PRIVATE_KEY, whose name says that it is a secret/,
      /Why: /,
      /What to do: Put it into a Secret/,
    ]) {
      assert.match(shown, expected);
    }
    assert.doesNotMatch(shown.replaceAll(/- +env.*\n/g, ""), /\(.*hush-hush.*\)/);
    const { deployment } = await project.exportState();
    assert.deepEqual(
      deployment.resources?.filter(({ type }) => type.startsWith("kubernetes")) ?? [],
      [],
    );
  });

  it("judges a stack's resources together", async () => {
    project.write(
      program(pinned, fromSecret).replace(`sseAlgorithm: "aws:kms"`, `sseAlgorithm: "AES256"`),
    );
    const { code, stdout, stderr } = await project.pulumi(["preview", ...pack]);
    assert.notEqual(code, 0, stdout + stderr);
    assert.match(stdout, /\[mandatory\] +buckets-are-encrypted +\(aws:s3:Bucket: backups\)/);
    assert.match(stdout, /it is encrypted with AES256/);
  });

  it("that does not start ends the run with its error", async () => {
    const broken = join(project.directory, "broken-pack");
    mkdirSync(broken);
    writeFileSync(join(broken, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(broken, "package.json"), `{ "version": "1.0.0", "main": "index.js" }`);
    writeFileSync(join(broken, "index.js"), `throw new Error("the sky is falling");`);
    const { code, stdout, stderr } = await project.pulumi(["preview", "--policy-pack", broken]);
    assert.notEqual(code, 0, stdout + stderr);
    assert.match(stdout + stderr, /the sky is falling/);
  });

  it("knows the stack: a digest is asked of every network but local", async () => {
    project.write(program("ghcr.io/owner/aleo-ops:1.0.0", fromSecret));
    const local = await project.pulumi(["preview", "--stack", project.stack, ...pack]);
    assert.equal(local.code, 0, local.stdout + local.stderr);
    await project.pulumi(["stack", "init", "testnet"]);
    const testnet = await project.pulumi(["preview", "--stack", "testnet", ...pack]);
    assert.notEqual(testnet.code, 0, testnet.stdout + testnet.stderr);
    assert.match(testnet.stdout, /not pinned by digest/);
  });
});
