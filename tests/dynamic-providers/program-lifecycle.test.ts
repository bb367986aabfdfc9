import assert from "node:assert/strict";
import { developmentKey } from "../../local/development-account.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";

const counter = (step: string) => `program counter_test.aleo;

mapping counts:
    key as address.public;
    value as u64.public;

function increase:
    async increase self.caller into r0;
    output r0 as counter_test.aleo/increase.future;

finalize increase:
    input r0 as address.public;
    get.or_use counts[r0] 0u64 into r1;
    add r1 ${step} into r2;
    set r2 into counts[r0];

constructor:
    assert.eq program_owner program_owner;
`;

const stack = (source: string) => `
import { AleoProgram } from "./dynamic-providers/program.ts";
const program = new AleoProgram("counter_test.aleo", { source: ${JSON.stringify(source)} });
export const edition = program.edition;
export const paidFee = program.paidFee;
export const estimatedFee = program.estimatedFee;
`;

describe("a program as a resource", function () {
  this.timeout(180_000);
  const devnode = scratchDevnode();
  let project: PulumiProject;

  before(async () => {
    project = await createPulumiProject({
      program: stack(counter("1u64")),
      config: { network: "local", endpoints: JSON.stringify([devnode.url]), maxFee: "100000000" },
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
  });
  after(() => {
    project.dispose();
  });

  it("shows the interface and the estimated fee before it deploys", async () => {
    const { code, stdout, stderr } = await project.preview();
    console.log(stdout, stderr);
    assert.equal(code, 0, stderr);
  });

  it("deploys", async () => {
    const { code, stdout, stderr } = await project.up();
    console.log(stdout, stderr);
    assert.equal(code, 0, stderr);
    console.log(await project.outputs());
  });
  it("drift", async () => {
    const { code, stdout, stderr } = await project.refreshCheck();
    console.log(stdout, stderr);
    assert.equal(code, 0, stderr);
  });
  it("upgrades", async () => {
    project.write(stack(counter("2u64")));
    const p = await project.preview();
    console.log(p.stdout, p.stderr);
    const { code, stdout, stderr } = await project.up();
    console.log(stdout, stderr);
    assert.equal(code, 0, stderr);
    console.log(await project.outputs());
  });
});
