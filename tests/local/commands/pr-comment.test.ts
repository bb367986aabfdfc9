import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commentOnPullRequest } from "../../../local/commands/pr-comment.ts";
import { LocalError } from "../../../local/errors.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";
import { type GitHubStandIn, startGitHubStandIn } from "./github-stand-in.ts";

describe("the comment on a pull request", () => {
  let gitHub: GitHubStandIn;
  let scratch: TemporaryDirectory;
  let env: NodeJS.ProcessEnv;
  let summaryFile: string;

  beforeEach(async () => {
    gitHub = await startGitHubStandIn();
    scratch = temporaryDirectory("comment");
    summaryFile = join(scratch.path, "summary.md");
    env = {
      GITHUB_API_URL: gitHub.url,
      GITHUB_REPOSITORY: "owner/repository",
      GITHUB_TOKEN: "token",
    };
  });
  afterEach(async () => {
    await gitHub.stop();
    scratch.remove();
  });

  const write = (stack: string, text: string) => {
    writeFileSync(summaryFile, `<!-- aleo-ops: preview of ${stack} -->\n${text}`);
    return commentOnPullRequest({ stack, pullRequest: 7, summaryFile }, env);
  };
  const bodies = () => gitHub.comments.get(7)?.map(({ body }) => body.split("\n")[1]);

  it("is one a stack, edited by the next push", async () => {
    assert.match(await write("testnet", "first"), /is made/);
    await write("mainnet", "other");
    assert.match(await write("testnet", "second"), /is edited/);
    assert.deepEqual(bodies(), ["second", "other"]);
    assert.equal(gitHub.requests[0]?.headers.authorization, "Bearer token");
  });

  it("is found behind many others, and nobody else's is taken for it", async () => {
    await write("testnet", "first");
    const [own] = gitHub.comments.get(7) ?? [];
    assert.ok(own);
    const others = Array.from({ length: 150 }, (_, index) => ({
      ...own,
      id: 1_000 + index,
      body: "hello",
    }));
    const forged = { ...own, id: 999, user: { type: "User" } };
    gitHub.comments.set(7, [forged, ...others, own]);
    await write("testnet", "second");
    assert.equal(own.body.split("\n")[1], "second");
    assert.equal(forged.body.split("\n")[1], "first");
    assert.equal(bodies()?.length, 152);
  });

  it("is written in spite of a server that is busy for a while", async () => {
    gitHub.faults.push(503, 429);
    await write("testnet", "first");
    assert.deepEqual(bodies(), ["first"]);
  });

  it("says what permission is missing", async () => {
    gitHub.faults.push(404);
    await assert.rejects(write("testnet", "first"), (error: LocalError) => {
      assert.match(error.message, /GET .*issues\/7\/comments.*404/);
      assert.match(error.remedy, /pull-requests: write/);
      return true;
    });
  });

  it("says what is not set, and what file is none", async () => {
    const rest = { ...env, GITHUB_TOKEN: undefined };
    const options = { stack: "testnet", pullRequest: 7, summaryFile };
    await assert.rejects(commentOnPullRequest(options, rest), /GITHUB_TOKEN is not set/);
    await assert.rejects(commentOnPullRequest(options, env), /can't be read/);
    writeFileSync(summaryFile, "<!-- aleo-ops: preview of mainnet -->\n");
    await assert.rejects(commentOnPullRequest(options, env), LocalError);
    assert.equal(gitHub.requests.length, 0);
  });
});
