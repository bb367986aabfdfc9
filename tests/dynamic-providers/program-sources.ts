/** Anybody may upgrade it: the constructor asks for nothing. */
const openConstructor = "\nconstructor:\n    assert.eq true true;\n";

/** A program that counts calls by caller; `step` is what a call adds, so that it may differ. */
export function counter(name: string, step: string, more = ""): string {
  return `program ${name}.aleo;

mapping counts:
    key as address.public;
    value as u64.public;

function increase:
    async increase self.caller into r0;
    output r0 as ${name}.aleo/increase.future;

finalize increase:
    input r0 as address.public;
    get.or_use counts[r0] 0u64 into r1;
    add r1 ${step} into r2;
    set r2 into counts[r0];
${more}${openConstructor}`;
}

/** Whoever deploys it first is its admin, and decides over its upgrades. */
export function administered(name: string): string {
  return `program ${name}.aleo;

mapping admin:
    key as u8.public;
    value as address.public;

function plus:
    input r0 as u64.public;
    add r0 1u64 into r1;
    output r1 as u64.public;

constructor:
    set program_owner into admin[0u8];
`;
}

/** A small program with one function, and what it imports. */
export function adder(name: string, imports: readonly string[] = [], amount = "1u64"): string {
  return `${imports.map((id) => `import ${id};\n`).join("")}program ${name}.aleo;

function plus:
    input r0 as u64.public;
    add r0 ${amount} into r1;
    output r1 as u64.public;
${openConstructor}`;
}

/** A program that can be paused and that keeps a limit. */
export function pausable(name: string): string {
  const setter = (called: string, mapping: string, value: string) => `
function ${called}:
    async ${called} into r0;
    output r0 as ${name}.aleo/${called}.future;

finalize ${called}:
    set ${value} into ${mapping}[0u8];
`;
  return `program ${name}.aleo;

mapping paused:
    key as u8.public;
    value as boolean.public;

mapping limits:
    key as u8.public;
    value as u64.public;
${setter("pause", "paused", "true")}${setter("unpause", "paused", "false")}
function set_limit:
    input r0 as u8.public;
    input r1 as u64.public;
    async set_limit r0 r1 into r2;
    output r2 as ${name}.aleo/set_limit.future;

finalize set_limit:
    input r0 as u8.public;
    input r1 as u64.public;
    set r1 into limits[r0];
${openConstructor}`;
}
