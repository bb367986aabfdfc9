import { componentText } from "./canonical.ts";
import { componentsOf, constructorOf } from "./program.ts";
import type { Closure, Constructor, Function, NamedComponent, Port, Program } from "./program.ts";

/** A change that the chain would refuse in an upgrade. */
export interface UpgradeViolation {
  /** Stable name of the rule, such as `function-inputs-changed`. */
  readonly rule: string;
  /** A sentence that says what was and what would be. */
  readonly reason: string;
  /** Such as `function transfer`. */
  readonly component: string;
  readonly line: number;
  /** Which source `line` counts in: the new one, or the deployed one for what is gone. */
  readonly source: "new" | "deployed";
}

/**
 * Every change between a deployed program and its next edition that the chain refuses; empty where
 * the upgrade is allowed. Components may be added and reordered, and the logic of functions,
 * finalizes and views may change.
 * Source: snarkVM 4.9.1 synthesizer/process/src/stack/helpers/check_upgrade.rs
 * (`Stack::check_upgrade_is_valid`) and synthesizer/src/vm/helpers/program.rs
 * (`check_output_register_indices_unchanged`, since consensus version 10).
 */
export function upgradeViolations(deployed: Program, next: Program): UpgradeViolation[] {
  const identity = identityViolation(deployed, next);
  if (identity !== undefined) return [identity];
  return [
    ...constructorViolations(deployed, next),
    ...importViolations(deployed, next),
    ...unchangedViolations(deployed, next, "mapping", componentText),
    ...unchangedViolations(deployed, next, "struct", ({ members }) =>
      unordered(members.map(({ name, type }) => `${name} as ${type.text}`)),
    ),
    ...unchangedViolations(deployed, next, "record", ({ owner, entries }) =>
      unordered([owner, ...entries.map(({ name, type }) => `${name} as ${type.text}`)]),
    ),
    ...unchangedViolations(deployed, next, "closure", closureText),
    ...pairs(deployed, next, "function", functionViolations),
    ...pairs(deployed, next, "view", interfaceViolations),
  ];
}

/** Whether a program has a constructor that may let somebody upgrade it. */
export function canBeUpgraded(program: Program): boolean {
  const constructor = constructorOf(program);
  return constructor !== undefined && !isNeverUpgradable(constructor);
}

/**
 * Whether a constructor refuses every upgrade, as Leo's `@noupgrade` does: it always comes to an
 * `assert.eq edition 0u16`, and only the first edition is 0.
 */
function isNeverUpgradable(constructor: Constructor): boolean {
  const { statements } = constructor;
  const branch = statements.findIndex(({ opcode }) => opcode.startsWith("branch."));
  return (branch < 0 ? statements : statements.slice(0, branch)).some(
    ({ opcode, operands }) =>
      opcode === "assert.eq" && operands.includes("edition") && operands.includes("0u16"),
  );
}

function identityViolation(deployed: Program, next: Program): UpgradeViolation | undefined {
  const component = `program ${next.id}`;
  const { line } = next;
  if (deployed.id !== next.id) {
    const reason = `${deployed.id} cannot become ${next.id}: an upgrade keeps the program's id.`;
    return { rule: "program-renamed", reason, component, line, source: "new" };
  }
  if (next.id === "credits.aleo") {
    const reason = "credits.aleo is part of the chain and cannot be upgraded.";
    return { rule: "program-fixed", reason, component, line, source: "new" };
  }
  return undefined;
}

function constructorViolations(deployed: Program, next: Program): UpgradeViolation[] {
  const component = "constructor";
  const before = constructorOf(deployed);
  const after = constructorOf(next);
  if (before === undefined) {
    const reason = `${deployed.id} was deployed without a constructor, so it can never be upgraded.`;
    return [{ rule: "not-upgradable", reason, component, line: deployed.line, source: "deployed" }];
  }
  const violations: UpgradeViolation[] = [];
  if (isNeverUpgradable(before)) {
    const reason = `The constructor of ${deployed.id} refuses every upgrade (@noupgrade).`;
    violations.push({
      rule: "not-upgradable",
      reason,
      component,
      line: before.line,
      source: "deployed",
    });
  }
  if (after === undefined) {
    const reason = "The constructor is gone: an upgrade keeps it as it was.";
    violations.push({
      rule: "constructor-removed",
      reason,
      component,
      line: before.line,
      source: "deployed",
    });
  } else if (componentText(before) !== componentText(after)) {
    const changed = after.statements.find(
      ({ text }, index) => text !== before.statements[index]?.text,
    );
    const reason = "The constructor differs: an upgrade keeps it as it was.";
    const line = changed?.line ?? after.line;
    violations.push({ rule: "constructor-changed", reason, component, line, source: "new" });
  }
  return violations;
}

function importViolations(deployed: Program, next: Program): UpgradeViolation[] {
  const kept = new Set(next.imports.map(({ id }) => id));
  return deployed.imports
    .filter(({ id }) => !kept.has(id))
    .map(({ id, line }) => ({
      rule: "import-removed",
      reason: `The import of ${id} is gone: imports can be added, but not removed.`,
      component: `import ${id}`,
      line,
      source: "deployed",
    }));
}

type Kind = NamedComponent["kind"];
type OfKind<K extends Kind> = Extract<NamedComponent, { kind: K }>;

/** Compares the components of one kind by name; one that is gone is a violation by itself. */
function pairs<K extends Kind>(
  deployed: Program,
  next: Program,
  kind: K,
  compare: (before: OfKind<K>, after: OfKind<K>) => UpgradeViolation[],
): UpgradeViolation[] {
  const kept = componentsOf(next, kind);
  return [...componentsOf(deployed, kind)].flatMap(([name, before]) => {
    const after = kept.get(name);
    if (after !== undefined) return compare(before, after);
    return [
      {
        rule: `${kind}-removed`,
        reason: `The ${kind} ${name} is gone: a ${kind} can be added, but not removed.`,
        component: `${kind} ${name}`,
        line: before.line,
        source: "deployed",
      },
    ];
  });
}

function unchangedViolations<K extends Kind>(
  deployed: Program,
  next: Program,
  kind: K,
  describe: (component: OfKind<K>) => string,
): UpgradeViolation[] {
  return pairs(deployed, next, kind, (before, after) =>
    describe(before) === describe(after)
      ? []
      : [
          {
            rule: `${kind}-changed`,
            reason: `The ${kind} ${after.name} differs: a ${kind} stays as it was deployed.`,
            component: `${kind} ${after.name}`,
            line: after.line,
            source: "new",
          },
        ],
  );
}

/** snarkVM compares members, and inputs and outputs of closures, without their order. */
function unordered(parts: readonly string[]): string {
  return [...parts].sort().join("\n");
}

function closureText({ inputs, statements, outputs }: Closure): string {
  return [
    unordered(inputs.map(portText)),
    statements.map(({ text }) => text).join("\n"),
    unordered(outputs.map(portText)),
  ].join("\n\n");
}

function portText({ operand, type }: Port): string {
  return `${operand} as ${type.text}`;
}

type Callable = Pick<Function, "name" | "inputs" | "outputs" | "line"> & {
  kind: "function" | "view";
};

function typeList(ports: readonly Port[]): string {
  return `(${ports.map(({ type }) => type.text).join(", ")})`;
}

function interfaceViolations(before: Callable, after: Callable): UpgradeViolation[] {
  const { kind, name } = after;
  return (["inputs", "outputs"] as const)
    .filter((side) => typeList(before[side]) !== typeList(after[side]))
    .map((side) => ({
      rule: `${kind}-${side}-changed`,
      reason: `The ${side} of ${kind} ${name} were ${typeList(before[side])} and would be ${typeList(after[side])}.`,
      component: `${kind} ${name}`,
      line: differingLine(before[side], after[side]) ?? after.line,
      source: "new",
    }));
}

function differingLine(before: readonly Port[], after: readonly Port[]): number | undefined {
  return after.find(({ type }, index) => type.text !== before[index]?.type.text)?.line;
}

function functionViolations(before: Function, after: Function): UpgradeViolation[] {
  return [
    ...interfaceViolations(before, after),
    ...recordOutputViolations(before, after),
    ...finalizeViolations(before, after),
  ];
}

/** Callers have the register of a record output built into their circuit. */
function recordOutputViolations(before: Function, after: Function): UpgradeViolation[] {
  const records = ({ outputs }: Function) => outputs.filter(({ type }) => type.kind === "record");
  const was = records(before);
  const is = records(after);
  if (typeList(was) !== typeList(is)) return [];
  return is.flatMap((output, index) => {
    const old = was[index];
    if (old === undefined || old.operand === output.operand) return [];
    return [
      {
        rule: "record-output-moved",
        reason: `Function ${after.name} gave ${output.type.text} from ${old.operand} and would from ${output.operand}: the register stays.`,
        component: `function ${after.name}`,
        line: output.line,
        source: "new",
      },
    ];
  });
}

function finalizeViolations(before: Function, after: Function): UpgradeViolation[] {
  const component = `function ${after.name}`;
  const was = before.finalize;
  const is = after.finalize;
  if (was === undefined && is !== undefined) {
    const reason = `Function ${after.name} had no finalize and cannot get one.`;
    return [{ rule: "finalize-added", reason, component, line: is.line, source: "new" }];
  }
  if (was !== undefined && is === undefined) {
    const reason = `Function ${after.name} had a finalize and cannot lose it.`;
    return [{ rule: "finalize-removed", reason, component, line: after.line, source: "new" }];
  }
  if (was === undefined || is === undefined || typeList(was.inputs) === typeList(is.inputs)) {
    return [];
  }
  const reason = `The finalize of ${after.name} took ${typeList(was.inputs)} and would take ${typeList(is.inputs)}.`;
  const line = differingLine(was.inputs, is.inputs) ?? is.line;
  return [{ rule: "finalize-inputs-changed", reason, component, line, source: "new" }];
}
