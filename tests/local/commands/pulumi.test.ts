import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withPolicies } from "../../../local/commands/pulumi.ts";
import { createLocalProject, type LocalProject } from "../../support/local-project.ts";

/** Components are judged as other resources are, and need no provider. */
const program = `
import * as pulumi from "@pulumi/pulumi";

class Pod extends pulumi.ComponentResource {
  constructor(properties: pulumi.Inputs) {
    super("kubernetes:core/v1:Pod", "pod", properties);
    this.registerOutputs(properties);
  }
}
new Pod({ spec: { containers: [{ name: "monitor", image: "aleo-ops:1.0.0" }] } });
`;

describe("the Pulumi CLI as `make pulumi` runs it", function () {
  this.timeout(180_000);

  it("is given the policies for what runs the program, and for nothing else", () => {
    const pack = ["--policy-pack", "policies"];
    for (const args of [
      ["up", "--refresh"],
      ["preview"],
      ["--stack", "testnet", "up", "--yes"],
      ["update"],
    ]) {
      assert.deepEqual(withPolicies(args, pack), [...args, ...pack]);
    }
    for (const args of [
      ["refresh", "--preview-only"],
      ["config", "set", "note", "up"],
      ["stack", "select", "preview"],
      ["up", "--policy-pack", "of-their-own"],
    ]) {
      assert.deepEqual(withPolicies(args, pack), args);
    }
  });

  it("works on the stack that is named, not on the one that was selected last, and by the policies", async () => {
    const project: LocalProject = await createLocalProject(program, {
      PULUMI_CONFIG_PASSPHRASE: "test",
      get PULUMI_BACKEND_URL() {
        return `file://${join(project.directory, "backend")}`;
      },
      get PULUMI_HOME() {
        return join(project.directory, "home");
      },
    });
    try {
      mkdirSync(join(project.directory, "backend"));
      const run = async (stack: string, ...args: string[]) => {
        const { code, stdout, stderr } = await project.run(
          "pulumi",
          "--stack",
          stack,
          "--",
          ...args,
        );
        return { code, shown: stdout + stderr };
      };
      for (const stack of ["testnet", "mainnet"]) {
        writeFileSync(join(project.directory, `Pulumi.${stack}.yaml`), "config: {}\n");
        const { code, shown } = await run(stack, "stack", "init", stack);
        assert.equal(code, 0, shown);
      }
      const { code, shown } = await run("testnet", "up", "--yes", "--skip-preview");
      assert.notEqual(code, 0, shown);
      assert.match(shown, /Updating \(testnet\)/);
      assert.match(shown, /\[mandatory\] +images-are-pinned[^]*not pinned by digest/);
    } finally {
      await project.dispose();
    }
  });
});
