/**
 * A program with two holes, for an exploit to be played: anybody may take credits out of it
 * (`drain(amount)`) and write stakes (`plant(agent, stake)`). A pause stops both.
 * @param source a compiled program that holds credits, stakes and a pause, as agent_registry_v3.aleo
 */
export function holed(program: string, source: string): string {
  return source.replace(
    /^constructor:/m,
    `function drain:
    input r0 as u64.public;
    call credits.aleo/transfer_public self.caller r0 into r1;
    async drain r1 into r2;
    output r2 as ${program}/drain.future;

finalize drain:
    input r0 as credits.aleo/transfer_public.future;
    get.or_use paused[0u8] false into r1;
    assert.eq r1 false;
    await r0;

function plant:
    input r0 as field.public;
    input r1 as u64.public;
    async plant r0 r1 into r2;
    output r2 as ${program}/plant.future;

finalize plant:
    input r0 as field.public;
    input r1 as u64.public;
    get.or_use paused[0u8] false into r2;
    assert.eq r2 false;
    set r1 into stakes[r0];

constructor:`,
  );
}
