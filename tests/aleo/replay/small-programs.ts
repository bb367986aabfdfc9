import { admin } from "../../contracts/accounts.ts";

export const keeperId = "keeper_of_points.aleo";
export const callerId = "caller_of_keeper.aleo";

/**
 * A program that keeps points, removes them again, and counts; only its owner upgrades it. The
 * second edition counts double, refuses other points, and has a mapping more.
 */
export function keeper(edition: 0 | 1): string {
  return `program ${keeperId};

struct Point:
    x as u64;
    y as [u64; 2u32];

mapping points:
    key as u8.public;
    value as Point.public;

mapping count:
    key as boolean.public;
    value as u64.public;

mapping editions:
    key as u16.public;
    value as address.public;
${edition === 0 ? "" : "\nmapping last:\n    key as boolean.public;\n    value as u8.public;\n"}
function put:
    input r0 as u8.public;
    input r1 as Point.public;
    async put r0 r1 into r2;
    output r2 as ${keeperId}/put.future;

finalize put:
    input r0 as u8.public;
    input r1 as Point.public;
    assert.neq r1.x ${edition === 0 ? "0u64" : "1u64"};
    set r1 into points[r0];
    get.or_use count[true] 0u64 into r2;
    add r2 ${edition === 0 ? "1u64" : "2u64"} into r3;
    set r3 into count[true];${edition === 0 ? "" : "\n    set r0 into last[true];"}

function drop:
    input r0 as u8.public;
    async drop r0 into r1;
    output r1 as ${keeperId}/drop.future;

finalize drop:
    input r0 as u8.public;
    remove points[r0];

constructor:
    assert.eq program_owner ${admin.address};
    set program_owner into editions[edition];
`;
}

/** Calls the keeper twice, awaits the second call first, and reads what the keeper has by then. */
export const caller = `import ${keeperId};

program ${callerId};

mapping seen:
    key as u8.public;
    value as u64.public;

function put_both:
    input r0 as u8.public;
    input r1 as u8.public;
    input r2 as u64.public;
    cast r2 r2 into r3 as [u64; 2u32];
    cast r2 r3 into r4 as ${keeperId}/Point;
    call ${keeperId}/put r0 r4 into r5;
    add r2 1u64 into r6;
    cast r6 r3 into r7 as ${keeperId}/Point;
    call ${keeperId}/put r1 r7 into r8;
    async put_both r0 r5 r8 into r9;
    output r9 as ${callerId}/put_both.future;

finalize put_both:
    input r0 as u8.public;
    input r1 as ${keeperId}/put.future;
    input r2 as ${keeperId}/put.future;
    await r2;
    get.or_use ${keeperId}/count[true] 0u64 into r3;
    await r1;
    get ${keeperId}/points[r0] into r4;
    add r3 r4.x into r5;
    add r5 r4.y[1u32] into r6;
    set r6 into seen[r0];

function forget:
    input r0 as u8.public;
    async forget r0 into r1;
    output r1 as ${callerId}/forget.future;

finalize forget:
    input r0 as u8.public;
    contains ${keeperId}/points[r0] into r1;
    branch.eq r1 true to keep;
    remove seen[r0];
    position keep;

constructor:
    assert.eq edition 0u16;
`;
