/** A program with one mapping whose `put` is rejected for the value 0. */
export const source = `program notes.aleo;

mapping notes:
    key as u64.public;
    value as u64.public;

function put:
    input r0 as u64.public;
    input r1 as u64.public;
    async put r0 r1 into r2;
    output r2 as notes.aleo/put.future;

finalize put:
    input r0 as u64.public;
    input r1 as u64.public;
    assert.neq r1 0u64;
    set r1 into notes[r0];

constructor:
    assert.eq true true;
`;
