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

export const readerId = "reader_of_keeper.aleo";

/** Reads the keeper in every way that there is, and checks a signature of what it reads by. */
export const reader = `import ${keeperId};

program ${readerId};

mapping read:
    key as u8.public;
    value as u64.public;

mapping facts:
    key as u16.public;
    value as address.public;

mapping hashes:
    key as boolean.public;
    value as field.public;

view counted:
    input r0 as u64.public;
    get.or_use ${keeperId}/count[true] 0u64 into r1;
    add r0 r1 into r2;
    output r2 as u64.public;

function look:
    input r0 as u8.public;
    input r1 as signature.public;
    async look r0 r1 self.caller into r2;
    output r2 as ${readerId}/look.future;

finalize look:
    input r0 as u8.public;
    input r1 as signature.public;
    input r2 as address.public;
    sign.verify r1 r2 r0 into r3;
    assert.eq r3 true;
    call counted 1000u64 into r4;
    set r4 into read[0u8];
    get.or_use.dynamic 'keeper_of_points' 'aleo' 'count'[true] 7u64 into r5 as u64;
    set r5 into read[1u8];
    contains.dynamic 'keeper_of_points' 'aleo' 'points'[r0] into r6;
    branch.neq r6 true to absent;
    get ${keeperId}/points[r0] into r7;
    add r7.x 0u64 into r8;
    set r8 into read[2u8];
    get.dynamic 'keeper_of_points' 'aleo' 'count'[true] into r9 as u64;
    set r9 into read[3u8];
    position absent;
    set ${keeperId}/program_owner into facts[${keeperId}/edition];
    hash.bhp256 ${keeperId}/checksum into r10 as field;
    set r10 into hashes[true];
    hash.bhp256 ${keeperId}/put/checksum into r11 as field;
    set r11 into hashes[false];

constructor:
    assert.eq edition 0u16;
`;

export const routerId = "router_to_keeper.aleo";

/** Calls a function of the keeper that it knows by name only, and awaits what it gives. */
export const router = `import ${keeperId};

program ${routerId};

function route:
    input r0 as field.public;
    input r1 as u8.public;
    call.dynamic r0 'aleo' 'drop' with r1 (as u8.public) into r2 (as dynamic.future);
    async route r2 into r3;
    output r3 as ${routerId}/route.future;

finalize route:
    input r0 as dynamic.future;
    await r0;

constructor:
    assert.eq edition 0u16;
`;
