import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../../../local/errors.ts";
import { LocalNetwork } from "../../../local/network/network.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

describe("what the network local consists of", () => {
  let project: TemporaryDirectory;
  beforeEach(() => {
    project = temporaryDirectory("network");
  });
  afterEach(() => {
    project.remove();
  });

  const write = (text: string) => {
    writeFileSync(join(project.path, "Pulumi.local.yaml"), text);
  };
  const titles = () => new LocalNetwork(project.path).declared.map(({ title }) => title);
  const store = "S3, KMS, IAM and STS (moto)";
  const cluster = "aleo-ops:cluster: { namespace: a, image: a:1 }";

  it("is a ledger where nothing else is declared", () => {
    assert.deepEqual(titles(), ["Ledger"]);
    write("config: {}\n");
    assert.deepEqual(titles(), ["Ledger"]);
    write("");
    assert.deepEqual(titles(), ["Ledger"]);
  });

  const parts: [declared: string, titles: string[]][] = [
    ["aleo-ops:backups: { lockDays: 1 }", ["Ledger", store]],
    ["aleo-ops:escalation: { onCall: { user: A } }", ["Ledger", "PagerDuty stand-in"]],
    [cluster, ["Ledger", "Kubernetes"]],
  ];
  for (const [declared, expected] of parts) {
    it(`is ${expected.join(" and ")} for ${declared}`, () => {
      write(`config:\n  ${declared}\n`);
      assert.deepEqual(titles(), expected);
    });
  }

  it("has no cluster of its own where the stack names a context of the user's", () => {
    write(`config:\n  ${cluster}\n  aleo-ops:kubeContext: kind-kind\n`);
    assert.deepEqual(titles(), ["Ledger"]);
    assert.equal(new LocalNetwork(project.path).environment().KUBECONFIG, undefined);
  });

  it("can't be told from a file that is no YAML, which is named", () => {
    write("config: [\n");
    assert.throws(titles, (error: LocalError) => {
      assert.ok(error instanceof LocalError);
      assert.match(error.explain(), /Pulumi\.local\.yaml.*\n.*What to do/s);
      return true;
    });
  });

  it("gives no address of what does not run", () => {
    assert.deepEqual(new LocalNetwork(project.path).environment(), {});
  });
});
