import assert from "node:assert/strict";
import { requireApproval } from "../../../local/commands/approval.ts";
import { LocalError } from "../../../local/errors.ts";
import { type GitHubStandIn, startGitHubStandIn } from "./github-stand-in.ts";

describe("the approval of an update of mainnet", () => {
  let gitHub: GitHubStandIn;
  before(async () => {
    gitHub = await startGitHubStandIn();
  });
  after(() => gitHub.stop());

  const asked = () =>
    requireApproval("mainnet", {
      GITHUB_API_URL: gitHub.url,
      GITHUB_REPOSITORY: "owner/repository",
      GITHUB_TOKEN: "token",
    });
  const refused = (what: RegExp, wayOut: RegExp) => (error: unknown) =>
    error instanceof LocalError && what.test(error.message) && wayOut.test(error.explain());

  it("is there where the environment names reviewers", async () => {
    const reviewers = [{ type: "User" }, { type: "Team" }];
    gitHub.environments.set("mainnet", [
      { type: "branch_policy" },
      { type: "required_reviewers", reviewers },
    ]);
    assert.match(await asked(), /asks one of 2 reviewers/);
  });

  for (const [name, rules] of [
    ["no rule", []],
    ["another rule", [{ type: "wait_timer", wait_timer: 5 }]],
    ["nobody in its rule", [{ type: "required_reviewers", reviewers: [] }]],
  ] as const) {
    it(`is missed where the environment has ${name}`, async () => {
      gitHub.environments.set("mainnet", rules);
      await assert.rejects(asked(), refused(/asks nobody/, /Settings → Environments → mainnet/));
    });
  }

  it("is not taken for granted where GitHub does not tell", async () => {
    gitHub.environments.clear();
    await assert.rejects(asked(), refused(/404/, /actions: read/));
  });
});
