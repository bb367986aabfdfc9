import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { SettingError } from "../../settings.ts";
import { settingsFromFile, StackFileError } from "../../operations/stack-file.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("the settings of a network, read from its stack's file", () => {
  const directory = temporaryDirectory("stack-file");
  after(() => {
    directory.remove();
  });
  const write = (network: string, text: string) => {
    writeFileSync(join(directory.path, `Pulumi.${network}.yaml`), text);
  };

  it("are those that the stack has", () => {
    const project = join(import.meta.dirname, "..", "..");
    for (const network of ["local", "testnet", "mainnet"]) {
      assert.equal(settingsFromFile(network, project, {}).network, network);
    }
    assert.ok(settingsFromFile("mainnet", project, {}).programs.length > 0);
  });

  it("leave encrypted secrets alone", () => {
    write(
      "testnet",
      `config:
  aleo-ops:network: testnet
  aleo-ops:endpoints: ["https://node.example.org/v2"]
  aleo-ops:maxFee: "1"
  aleo-ops:privateKey: {secure: v1:abc}
  aws:region: eu-central-1
`,
    );
    const settings = settingsFromFile("testnet", directory.path, {});
    assert.equal(settings.maxFee, 1n);
    assert.ok(!inspect(settings, { depth: null }).includes("v1:abc"));
  });

  it("are refused by file and key", () => {
    write("mainnet", "config:\n  aleo-ops:network: mainnet\n  aleo-ops:maxFees: '1'\n");
    assert.throws(
      () => settingsFromFile("mainnet", directory.path, {}),
      (error: unknown) =>
        error instanceof SettingError && error.message.includes("Pulumi.mainnet.yaml sets"),
    );
  });

  it("are refused where the file is no stack's", () => {
    write("local", "config: [1]\n");
    assert.throws(() => settingsFromFile("local", directory.path, {}), StackFileError);
    write("local", "config: {\n");
    assert.throws(() => settingsFromFile("local", directory.path, {}), StackFileError);
  });
});
