import assert from "node:assert/strict";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";

const program = (word: string) => `
import * as pulumi from "@pulumi/pulumi";

class Greeting extends pulumi.dynamic.Resource {
  constructor(name: string, word: pulumi.Input<string>) {
    super(
      {
        check: async (_olds: unknown, news: unknown) => ({ inputs: news }),
        create: async (inputs: { word: string }) => ({ id: "greeting", outs: { spoken: inputs.word + "!" } }),
        diff: async (_id: string, olds: { spoken: string }, news: { word: string }) => ({
          changes: olds.spoken !== news.word + "!",
        }),
        update: async (_id: string, _olds: unknown, news: { word: string }) => ({
          outs: { spoken: news.word + "!" },
        }),
      },
      name,
      { word, spoken: undefined },
    );
  }
  declare readonly spoken: pulumi.Output<string>;
}

const config = new pulumi.Config();
export const spoken = new Greeting("greeting", ${JSON.stringify(word)}).spoken;
export const configured = config.require("who");
export const secret = config.requireSecret("word");
export const organization = pulumi.getOrganization();
`;

describe("a project run through the CLI and its language host", function () {
  this.timeout(180_000);
  let project: PulumiProject;

  before(async () => {
    project = await createPulumiProject({ program: program("hello"), config: { who: "world" } });
    await project.pulumi(["config", "set", "--secret", "word", "hush", "--stack", project.stack]);
  });
  after(() => {
    project.dispose();
  });

  it("creates a dynamic resource and gives configuration and outputs through", async () => {
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await project.outputs(), {
      spoken: "hello!",
      configured: "world",
      secret: "hush",
      organization: "organization",
    });
    assert.doesNotMatch(stdout + stderr, /warning/);
  });

  it("keeps a configured secret out of the state", async () => {
    assert.doesNotMatch(JSON.stringify(await project.exportState()), /hush/);
  });

  it("finds nothing to do the second time", async () => {
    const { code, stdout } = await project.pulumi(["preview", "--expect-no-changes"]);
    assert.equal(code, 0, stdout);
  });

  it("shows and makes a change", async () => {
    project.write(program("goodbye"));
    const preview = await project.preview();
    assert.match(preview.stdout, /update/);
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    assert.equal((await project.outputs()).spoken, "goodbye!");
  });

  it("passes an error of the program on and ends with its failure", async () => {
    project.write(`throw new Error("the sky is falling");`);
    const { code, stdout, stderr } = await project.up();
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /the sky is falling/);
  });

  it("passes a syntax error of the program on", async () => {
    project.write(`export const = 3;`);
    const { code, stdout, stderr } = await project.up();
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /Expression expected|SyntaxError|Unexpected/);
  });
});
