/** A program with a component of each kind, and every way to change it. */
export const deployedSource = `import credits.aleo;

program upgrade_rules.aleo;

constructor:
    assert.eq program_owner aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px;

struct point:
    x as u64;
    y as u64;

record token:
    owner as address.private;
    amount as u64.private;
    serial as u32.public;

mapping totals:
    key as address.public;
    value as u64.public;

closure sum:
    input r0 as u64;
    input r1 as u64;
    add r0 r1 into r2;
    output r2 as u64;

function mint:
    input r0 as address.private;
    input r1 as u64.private;
    call sum r1 1u64 into r2;
    cast r0 r2 7u32 into r3 as token.record;
    cast r0 r2 8u32 into r4 as token.record;
    output r3 as token.record;
    output r2 as u64.public;

function store:
    input r0 as u64.public;
    async store self.caller r0 into r1;
    output r1 as upgrade_rules.aleo/store.future;

finalize store:
    input r0 as address.public;
    input r1 as u64.public;
    set r1 into totals[r0];

view total:
    input r0 as address.public;
    get.or_use totals[r0] 0u64 into r1;
    output r1 as u64.public;
`;

export interface UpgradeCase {
  readonly what: string;
  /** Replacements in the deployed source, each of which has to be found. */
  readonly changes: readonly (readonly [from: string, to: string])[];
  /** The rules that it violates; none where the upgrade is allowed. */
  readonly rules: readonly string[];
}

export const upgradeCases: readonly UpgradeCase[] = [
  { what: "no change at all", changes: [], rules: [] },
  {
    what: "other logic in a function",
    changes: [["call sum r1 1u64 into r2", "call sum r1 2u64 into r2"]],
    rules: [],
  },
  {
    what: "other logic in a finalize",
    changes: [["set r1 into totals[r0];", "add r1 1u64 into r2;\n    set r2 into totals[r0];"]],
    rules: [],
  },
  {
    what: "other logic in a view",
    changes: [["get.or_use totals[r0] 0u64 into r1", "get.or_use totals[r0] 9u64 into r1"]],
    rules: [],
  },
  {
    what: "another output register of plain data",
    changes: [
      ["output r2 as u64.public;", "output r5 as u64.public;"],
      ["    output r3 as", "    add r2 1u64 into r5;\n    output r3 as"],
    ],
    rules: [],
  },
  {
    what: "new components of each kind",
    changes: [
      [
        "view total:",
        "struct more:\n    z as u64;\n\nrecord ticket:\n    owner as address.private;\n\nmapping extra:\n    key as u8.public;\n    value as u8.public;\n\nclosure half:\n    input r0 as u64;\n    div r0 2u64 into r1;\n    output r1 as u64;\n\nfunction fresh:\n    input r0 as u64.public;\n    call half r0 into r1;\n    output r1 as u64.public;\n\nview fixed:\n    output 1u8 as u8.public;\n\nview total:",
      ],
    ],
    rules: [],
  },
  {
    what: "members of a struct in another order",
    changes: [["    x as u64;\n    y as u64;", "    y as u64;\n    x as u64;"]],
    rules: [],
  },
  {
    what: "components in another order",
    changes: [
      ["mapping totals:\n    key as address.public;\n    value as u64.public;\n\n", ""],
      [
        "struct point:",
        "mapping totals:\n    key as address.public;\n    value as u64.public;\n\nstruct point:",
      ],
    ],
    rules: [],
  },
  {
    what: "an import gone",
    changes: [["import credits.aleo;\n", ""]],
    rules: ["import-removed"],
  },
  {
    what: "another constructor",
    changes: [["assert.eq program_owner", "assert.neq program_owner"]],
    rules: ["constructor-changed"],
  },
  {
    what: "a longer constructor",
    changes: [["rsvzp9px;", "rsvzp9px;\n    assert.eq true true;"]],
    rules: ["constructor-changed"],
  },
  {
    what: "no constructor",
    changes: [
      [
        "constructor:\n    assert.eq program_owner aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px;\n\n",
        "",
      ],
    ],
    rules: ["constructor-removed"],
  },
  {
    what: "a changed mapping",
    changes: [
      ["value as u64.public;", "value as u128.public;"],
      ["    set r1 into totals[r0];", "    cast r1 into r2 as u128;\n    set r2 into totals[r0];"],
      ["totals[r0] 0u64 into r1;", "totals[r0] 0u128 into r2;\n    cast r2 into r1 as u64;"],
    ],
    rules: ["mapping-changed"],
  },
  {
    what: "a mapping gone",
    changes: [
      ["mapping totals:", "mapping sums:"],
      ["set r1 into totals", "set r1 into sums"],
      ["get.or_use totals", "get.or_use sums"],
    ],
    rules: ["mapping-removed"],
  },
  {
    what: "a changed struct",
    changes: [["    y as u64;", "    y as u32;"]],
    rules: ["struct-changed"],
  },
  {
    what: "a struct with one more member",
    changes: [["    y as u64;", "    y as u64;\n    z as u64;"]],
    rules: ["struct-changed"],
  },
  { what: "a struct gone", changes: [["struct point", "struct place"]], rules: ["struct-removed"] },
  {
    what: "a changed record",
    changes: [["serial as u32.public", "serial as u32.private"]],
    rules: ["record-changed"],
  },
  {
    what: "a record whose owner is public now",
    changes: [["owner as address.private", "owner as address.public"]],
    rules: ["record-changed"],
  },
  {
    what: "a record gone",
    changes: [
      ["record token:", "record coin:"],
      ["r3 as token.record", "r3 as coin.record"],
      ["r4 as token.record", "r4 as coin.record"],
      ["output r3 as token.record", "output r3 as coin.record"],
    ],
    rules: ["record-removed", "function-outputs-changed"],
  },
  {
    what: "a changed closure",
    changes: [["add r0 r1 into r2;\n    output", "add.w r0 r1 into r2;\n    output"]],
    rules: ["closure-changed"],
  },
  {
    what: "a closure gone",
    changes: [
      ["closure sum", "closure plus"],
      ["call sum", "call plus"],
    ],
    rules: ["closure-removed"],
  },
  {
    what: "a function gone",
    changes: [["function mint:", "function create:"]],
    rules: ["function-removed"],
  },
  {
    what: "another input type",
    changes: [["input r1 as u64.private;", "input r1 as u64.public;"]],
    rules: ["function-inputs-changed"],
  },
  {
    what: "one more input",
    changes: [
      ["    input r1 as u64.private;", "    input r1 as u64.private;\n    input r5 as u8.private;"],
    ],
    rules: ["function-inputs-changed"],
  },
  {
    what: "another output type",
    changes: [["output r2 as u64.public;", "output r2 as u64.private;"]],
    rules: ["function-outputs-changed"],
  },
  {
    what: "a record from another register",
    changes: [["output r3 as token.record;", "output r4 as token.record;"]],
    rules: ["record-output-moved"],
  },
  {
    what: "other inputs of a finalize",
    changes: [
      ["async store self.caller r0 into r1;", "async store self.caller into r1;"],
      ["    input r1 as u64.public;\n    set r1 into totals[r0];", "    set 5u64 into totals[r0];"],
    ],
    rules: ["finalize-inputs-changed"],
  },
  {
    what: "a finalize gone",
    changes: [
      ["    async store self.caller r0 into r1;\n", ""],
      ["    output r1 as upgrade_rules.aleo/store.future;\n", ""],
      [
        "\nfinalize store:\n    input r0 as address.public;\n    input r1 as u64.public;\n    set r1 into totals[r0];\n",
        "",
      ],
    ],
    rules: ["function-outputs-changed", "finalize-removed"],
  },
  {
    what: "a new finalize",
    changes: [
      ["    output r3 as", "    async mint r2 into r5;\n    output r3 as"],
      [
        "    output r2 as u64.public;\n",
        "    output r2 as u64.public;\n    output r5 as upgrade_rules.aleo/mint.future;\n\nfinalize mint:\n    input r0 as u64.public;\n    assert.neq r0 0u64;\n",
      ],
    ],
    rules: ["function-outputs-changed", "finalize-added"],
  },
  {
    what: "a view gone",
    changes: [["view total:", "view amount:"]],
    rules: ["view-removed"],
  },
  {
    what: "another input of a view",
    changes: [
      [
        "view total:\n    input r0 as address.public;\n",
        "view total:\n    input r0 as address.public;\n    input r2 as u8.public;\n",
      ],
    ],
    rules: ["view-inputs-changed"],
  },
  {
    what: "another output of a view",
    changes: [["output r1 as u64.public;", "output 5u8 as u8.public;"]],
    rules: ["view-outputs-changed"],
  },
];

export function changed({ changes }: UpgradeCase): string {
  return changes.reduce((source, [from, to]) => {
    if (!source.includes(from)) throw new Error(`There is no ${JSON.stringify(from)}.`);
    return source.replace(from, to);
  }, deployedSource);
}
