import assert from "node:assert/strict";
import { refuseExamples } from "../../components/common/examples.ts";
import { settingsFromFile } from "../../operations/stack-file.ts";
import { projectDirectory } from "../../local/paths.ts";

/** The words with which a stack is refused; undefined where it is not. */
function refusal(settings: object): string | undefined {
  try {
    refuseExamples(settings, "Pulumi.testnet.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

describe("what a copied stack has to have of its own", () => {
  for (const network of ["testnet", "mainnet"]) {
    it(`is named, all of it, where Pulumi.${network}.yaml is brought up as it is`, () => {
      const shown = refusal(settingsFromFile(network, projectDirectory, {})) ?? "";
      for (const key of [
        "kubeContext",
        "cluster\\.image",
        "cluster\\.oidcProviderArn",
        "escalation\\.onCall\\.schedule",
        "escalation\\.teamLead\\.user",
        "escalation\\.cto\\.user",
        "escalation\\.support\\.user",
      ]) {
        assert.match(shown, new RegExp(`^  ${key}: `, "m"));
      }
      assert.match(shown, /^Pulumi\.testnet\.yaml still holds .*What to do: Put your own/s);
    });
  }

  it("is not asked of stack local, nor of one that has it", () => {
    assert.equal(refusal(settingsFromFile("local", projectDirectory, {})), undefined);
    const digest = `sha256:${"0".repeat(63)}1`;
    const own = {
      kubeContext: "arn:aws:eks:eu-central-1:210987654321:cluster/ops",
      cluster: { image: `ghcr.io/owner/aleo-ops:1@${digest}` },
      priorityFee: 1n,
      mail: undefined,
    };
    assert.equal(refusal(own), undefined);
    assert.match(
      refusal({ cluster: { image: `a@sha256:${"0".repeat(64)}` } }) ?? "",
      /cluster\.image: a@/,
    );
  });
});
