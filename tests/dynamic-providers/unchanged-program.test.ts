import assert from "node:assert/strict";
import { interfaceOf } from "../../aleo/program/interface.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { adder } from "./program-sources.ts";
import { localConfig, type ProviderRun, startRun } from "./provider-run.ts";

/** Nothing listens there: what asks a node fails. */
const nowhere = "http://127.0.0.1:1";

describe("the check of a program that the state knows as it is", () => {
  const source = adder("unchanged");
  const known = {
    source,
    network: "local",
    program: "unchanged.aleo",
    interface: interfaceOf(parseProgram(source)),
    edition: 3,
    estimatedFee: "1",
  };
  let run: ProviderRun;

  beforeEach(() => {
    run = startRun({ config: localConfig(nowhere) });
  });
  afterEach(() => {
    run.end();
  });

  it("asks no node and gives back what is known", async () => {
    assert.deepEqual(await run.program.checked(source, known), known);
  });

  it("refuses a second declaration of it", async () => {
    await run.program.checked(source, known);
    assert.match(
      await run.program.refusal(source, known),
      /unchanged\.aleo is declared twice in this stack/,
    );
  });

  it("refuses a stack that was moved to another network", async () => {
    const moved = { ...known, network: "testnet" };
    assert.match(
      await run.program.refusal(source, moved),
      /This stack's programs are on testnet; its configuration now says local/,
    );
  });
});
