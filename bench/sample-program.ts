/** A program of its own name for each run, so that each deployment is a first one. */
export function sampleProgram(id: string): string {
  return `program ${id};

mapping counts:
    key as address.public;
    value as u64.public;

function increase:
    async increase self.caller into r0;
    output r0 as ${id}/increase.future;

finalize increase:
    input r0 as address.public;
    get.or_use counts[r0] 0u64 into r1;
    add r1 1u64 into r2;
    set r2 into counts[r0];

constructor:
    assert.eq program_owner program_owner;
`;
}
