import assert from "node:assert/strict";
import fc from "fast-check";
import { dedupKey } from "../../../monitor/alert/dedup-key.ts";
import { nextStep, type OpenState, type Verdict } from "../../../monitor/alert/lifecycle.ts";
import { nextActions, type Notified } from "../../../monitor/alert/notices.ts";

const patience = { for: 10, resolveAfter: 100 };

/** Runs one subject through verdicts at times, and gives what happened. */
function run(verdicts: readonly (readonly [number, Verdict])[], rule = patience): string[] {
  let state: OpenState | undefined;
  return verdicts.flatMap(([now, verdict]) => {
    const step = nextStep(state, verdict, rule, now);
    if (step.kind === "keep" || step.kind === "fire") state = step.state;
    if (step.kind === "drop" || step.kind === "resolve") state = undefined;
    return step.kind === "fire" || step.kind === "resolve" ? [`${step.kind} ${now}`] : [];
  });
}

describe("An alert's life", () => {
  it("begins when the condition has lasted long enough, and not before", () => {
    assert.deepEqual(
      run([
        [0, "bad"],
        [9, "bad"],
        [10, "bad"],
        [11, "bad"],
      ]),
      ["fire 10"],
    );
    assert.deepEqual(
      run([
        [0, "bad"],
        [9, "good"],
        [10, "bad"],
        [19, "bad"],
      ]),
      [],
    );
    assert.deepEqual(run([[0, "bad"]], { ...patience, for: 0 }), ["fire 0"]);
  });

  it("ends when the condition has been gone for long enough", () => {
    const fired: [number, Verdict][] = [
      [0, "bad"],
      [10, "bad"],
    ];
    assert.deepEqual(run([...fired, [20, "good"], [119, "good"]]), ["fire 10"]);
    assert.deepEqual(run([...fired, [20, "good"], [120, "good"]]), ["fire 10", "resolve 120"]);
  });

  it("stays one alert while the condition comes and goes, longer with each return", () => {
    const flapping: [number, Verdict][] = [
      [0, "bad"],
      [10, "bad"],
      [20, "good"],
      [30, "bad"],
      [40, "good"],
    ];
    assert.deepEqual(run([...flapping, [140, "good"], [239, "good"]]), ["fire 10"]);
    assert.deepEqual(run([...flapping, [240, "good"]]), ["fire 10", "resolve 240"]);
  });

  it("is left as it is by what is not known", () => {
    assert.deepEqual(
      run([
        [0, "bad"],
        [10, "unknown"],
        [11, "bad"],
      ]),
      ["fire 11"],
    );
    assert.deepEqual(
      run([
        [0, "bad"],
        [10, "bad"],
        [20, "unknown"],
        [500, "unknown"],
      ]),
      ["fire 10"],
    );
  });

  it("fires and resolves in turns, whatever happens", () => {
    const verdict = fc.constantFrom<Verdict>("bad", "good", "unknown");
    const verdicts = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), verdict));
    fc.assert(
      fc.property(verdicts, (steps) => {
        let time = 0;
        const happened = run(steps.map(([wait, found]) => [(time += wait), found] as const));
        happened.forEach((what, index) => {
          assert.equal(what.split(" ")[0], index % 2 === 0 ? "fire" : "resolve");
        });
      }),
    );
  });
});

describe("What is told of an alert", () => {
  const told = (...states: (readonly ["firing" | "acknowledged" | "resolved", boolean])[]) => {
    let notified: Notified = "nothing";
    return states.map(([status, silenced]) => {
      const actions = nextActions(status, notified, silenced);
      notified = actions.at(-1) ?? notified;
      return actions.join(" ");
    });
  };

  it("is each step once, in order", () => {
    assert.deepEqual(
      told(
        ["firing", false],
        ["firing", false],
        ["acknowledged", false],
        ["resolved", false],
        ["resolved", false],
      ),
      ["trigger", "", "acknowledge", "resolve", ""],
    );
    assert.deepEqual(told(["acknowledged", false]), ["trigger acknowledge"]);
  });

  it("is nothing while it is silenced; what still fires afterwards is told then", () => {
    assert.deepEqual(told(["firing", true], ["resolved", true], ["resolved", false]), ["", "", ""]);
    assert.deepEqual(told(["firing", true], ["firing", false], ["resolved", true]), [
      "",
      "trigger",
      "resolve",
    ]);
  });

  it("carries a key that is the same for the same matter, and never too long for PagerDuty", () => {
    const key = dedupKey("local", "paused", "agent_registry_v3.aleo", 1_795_563_435_000);
    assert.equal(key, "aleo-ops/local/paused/agent_registry_v3.aleo/20261124T233715Z");
    const long = (end: string) => dedupKey("local", "paused", "x".repeat(300) + end, 0);
    assert.equal(long("a").length, 255);
    assert.notEqual(long("a"), long("b"));
  });
});
