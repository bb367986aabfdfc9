import assert from "node:assert/strict";
import { NotReplayableError } from "../../../aleo/replay/errors.ts";
import { diffSnapshots } from "../../../aleo/snapshot/diff.ts";
import { snapshotByListing } from "../../../aleo/snapshot/listing.ts";
import { snapshotByReplay } from "../../../aleo/snapshot/replayed.ts";
import { entryCount } from "../../../aleo/snapshot/snapshot.ts";
import { admin, alice } from "../../contracts/accounts.ts";
import { callsOf, scratchChain } from "../../contracts/chain.ts";
import { haltingCases } from "./halting-cases.ts";
import { instructionPrograms, stoppingProgram } from "./instruction-programs.ts";
import { everyCase } from "./instruction-table.ts";

describe("a replay carries out instructions as the ledger does", function () {
  this.timeout(300_000);
  const chain = scratchChain(admin);
  const cases = everyCase();
  const programs = instructionPrograms(cases);

  for (const { id, source, functions } of programs) {
    it(`those of ${id}`, async () => {
      assert.equal(await chain.deploy(admin, id, source), "accepted");
      await chain.accepts(...functions.map((name) => callsOf(id)(alice, name)));
      const { snapshot } = await snapshotByReplay(chain.node, id);
      const listed = await snapshotByListing(chain.node, id);
      assert.deepEqual(diffSnapshots(snapshot, listed), []);
      assert.ok(entryCount(listed) > 32 * (functions.length - 1));
    });
  }

  it("and stops where it stops", async () => {
    const id = "halting.aleo";
    const source = stoppingProgram(id, haltingCases);
    assert.equal(await chain.deploy(admin, id, source), "accepted");
    const choose = (index: number) => callsOf(id)(alice, "choose", `${index}u8`);
    await chain.accepts(choose(255));
    for (let first = 0; first < haltingCases.length; first += 10) {
      const some = haltingCases.slice(first, first + 10);
      await chain.rejects(...some.map((_, index) => choose(first + index)));
    }
    const { snapshot, rejections } = await snapshotByReplay(chain.node, id);
    assert.deepEqual(diffSnapshots(snapshot, await snapshotByListing(chain.node, id)), []);
    const lines = source.split("\n");
    assert.deepEqual(
      rejections.map(({ failure }) => failure?.place.line).sort(),
      haltingCases.map((_, index) => lines.indexOf(`    position next_${index};`)).sort(),
    );
  });

  it("and names what it can't carry out", async () => {
    const id = "by_lot.aleo";
    const source = `program ${id};

mapping drawn:
    key as u8.public;
    value as u64.public;

function draw:
    input r0 as u8.public;
    async draw r0 into r1;
    output r1 as ${id}/draw.future;

finalize draw:
    input r0 as u8.public;
    rand.chacha into r1 as u64;
    set r1 into drawn[r0];

constructor:
    assert.eq true true;
`;
    assert.equal(await chain.deploy(admin, id, source), "accepted");
    await chain.accepts(callsOf(id)(alice, "draw", "1u8"));
    await assert.rejects(snapshotByReplay(chain.node, id), (error) => {
      assert.ok(error instanceof NotReplayableError);
      const { program, function: name, line } = error.place;
      assert.deepEqual([program, name, line], [id, "draw", 14]);
      assert.match(error.message, /by_lot\.aleo edition 0, draw, line 14: rand\.chacha into r1/);
      return true;
    });
  });
});
