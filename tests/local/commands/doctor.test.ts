import assert from "node:assert/strict";
import { describeTool } from "../../../local/commands/doctor.ts";
import { pulumiVersion } from "../../../local/tools/pulumi.ts";
import type { ToolReport } from "../../../local/tools/tool.ts";
import { createLocalProject, type LocalProject } from "../../support/local-project.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("the doctor", function () {
  this.timeout(60_000);
  const emptyCache = temporaryDirectory("doctor");
  let here: LocalProject;
  let bare: LocalProject;

  before(async () => {
    here = await createLocalProject("export {};");
    bare = await createLocalProject("export {};", {
      PATH: emptyCache.path,
      XDG_CACHE_HOME: emptyCache.path,
    });
  });
  after(async () => {
    await here.dispose();
    await bare.dispose();
    emptyCache.remove();
  });

  const reports = async (project: LocalProject) => {
    const { stdout } = await project.run("doctor", "--json", "--port", String(project.port));
    return new Map((JSON.parse(stdout) as ToolReport[]).map((report) => [report.name, report]));
  };

  it("says of each tool what was found, which version and from where", async () => {
    const { code, stdout } = await here.run("doctor", "--port", String(here.port));
    assert.equal(code, 0, stdout);
    assert.match(stdout, new RegExp(`^✔ pulumi +${pulumiVersion.replaceAll(".", "\\.")} +/`, "m"));
    assert.match(stdout, /^✔ aleo-devnode +0\.2\.5 +\//m);
    assert.match(stdout, /^✔ node +24\./m);
    assert.match(stdout, new RegExp(`^✔ devnode's port +${here.port} is free$`, "m"));
  });

  it("says of each missing tool how to get it, and gets none", async () => {
    const { code } = await bare.run("doctor", "--port", String(bare.port));
    assert.equal(code, 1);
    const found = await reports(bare);
    assert.equal(found.get("pulumi")?.status, "obtainable");
    assert.equal(found.get("go")?.status, "missing");
    assert.match(found.get("go")?.remedy ?? "", /go\.dev/);
    assert.equal(found.get("npm")?.status, "missing");
    assert.equal(found.get("leo")?.status, "optional");
  });

  it("does not ask for Go where the CLI is there", async () => {
    assert.notEqual((await reports(here)).get("go")?.status, "missing");
  });
});

describe("a line of the doctor", () => {
  it("has a second one where a person can do something", () => {
    const report = {
      name: "go",
      status: "missing",
      from: "not on PATH",
      remedy: "Get it.",
    } as const;
    assert.equal(
      describeTool(report),
      `✖ ${"go".padEnd(22)}${" ".repeat(10)} not on PATH\n    Get it.`,
    );
  });
});
