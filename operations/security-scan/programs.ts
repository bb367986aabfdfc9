import { parseProgram } from "../../aleo/program/parse.ts";
import {
  componentsOf,
  constructorOf,
  type Function,
  type Program,
} from "../../aleo/program/program.ts";
import type { Statement } from "../../aleo/program/statements.ts";
import { caller, type Flow, flowOf, isAssert, sourcesOf } from "./data-flow.ts";
import type { Finding, Look } from "./finding.ts";

/** A program to look at, and where it stands: a file, or its id where it is only on chain. */
export interface ProgramText {
  readonly file: string;
  readonly source: string;
}

export function programsLook(programs: readonly ProgramText[], problem?: string): Look {
  return {
    part: "programs",
    looked: programs.map(({ file }) => file).join(", ") || "nothing",
    ...(problem !== undefined && { problem }),
    findings: programs.flatMap(programFindings),
  };
}

/** What of a program lets in whom it should not, as far as its text tells. */
export function programFindings({ file, source }: ProgramText): Finding[] {
  const program = parseProgram(source);
  const functions = [...componentsOf(program, "function").values()];
  return [
    ...upgradeFindings(program),
    ...functions.flatMap((one) => [...callerFindings(one), ...transferFindings(one)]),
    ...pauseFindings(program, functions),
  ].map((finding) => ({ ...finding, file }));
}

type Judged = Omit<Finding, "file">;

const writes = new Set(["set", "remove"]);

function isWrite({ opcode }: Statement): boolean {
  return writes.has(opcode);
}

/** A transfer out of what the program itself holds: in a call from a program, the caller is the program. */
function isOutgoing({ opcode, target }: Statement): boolean {
  return opcode === "call" && /^credits\.aleo\/transfer_public(?:_to_private)?$/.test(target ?? "");
}

/** What only the account itself can bring about: its payment. */
function isPaidByCaller({ opcode, target }: Statement): boolean {
  return (
    opcode === "call" &&
    /^credits\.aleo\/transfer_(?:public_as_signer|private\w*|public_to_private_as_signer)$/.test(
      target ?? "",
    )
  );
}

function callerFindings(made: Function): Judged[] {
  const commands = made.finalize?.statements ?? [];
  const changes = commands.some(isWrite);
  if ((!changes && !made.statements.some(isOutgoing)) || isAuthorized(made)) return [];
  return [
    {
      rule: "no-caller-check",
      severity: "high",
      line: made.line,
      subject: made.name,
      what: `${made.name} ${changes ? "writes mappings" : "sends credits"} without asking who calls it`,
      why: "Anybody can call it, as often as they like and with inputs of their choice.",
      remedy:
        "Compare the caller with the admin or the owner of the entry in finalize, or say in the accepted findings why anybody may.",
    },
  ];
}

function isAuthorized(made: Function): boolean {
  const { body, finalize } = flowOf(made);
  const commands = made.finalize?.statements ?? [];
  const asksCaller = (flow: Flow) => (statement: Statement) =>
    sourcesOf(flow, statement).has(caller);
  const isFixed = (statement: Statement) => sourcesOf(body, statement).has("fixed");
  const written = commands.filter(isWrite);
  return (
    made.inputs.some(({ type }) => type.kind.endsWith("record")) ||
    made.statements.some(isPaidByCaller) ||
    made.statements.some((one) => isAssert(one) && isFixed(one) && asksCaller(body)(one)) ||
    commands.some((one) => isAssert(one) && asksCaller(finalize)(one)) ||
    (written.length > 0 && written.every(({ operands: [key = ""] }) => finalize(key).has(caller)))
  );
}

const bounding = new Set(["sub", "gt", "gte", "lt", "lte", "is.eq", "assert.eq"]);
/** Reading these says nothing of how much may leave. */
const noBound = new Set(["mapping paused", "mapping credits.aleo/account"]);

function transferFindings(made: Function): Judged[] {
  const { body, finalize } = flowOf(made);
  const commands = made.finalize?.statements ?? [];
  const isBounded = (amount: string) => {
    const inputs = [...body(amount)].filter((source) => source.startsWith("input "));
    if (inputs.length === 0) return true;
    return commands.some((command) => {
      if (!bounding.has(command.opcode)) return false;
      const sources = [...sourcesOf(finalize, command)];
      return (
        sources.some((source) => inputs.includes(source)) &&
        sources.some((source) => source.startsWith("mapping ") && !noBound.has(source))
      );
    });
  };
  const unbounded = made.statements.find(
    (one) => isOutgoing(one) && !isBounded(one.operands.at(-1) ?? ""),
  );
  if (unbounded === undefined) return [];
  return [
    {
      rule: "unbounded-transfer",
      severity: "high",
      line: unbounded.line,
      subject: made.name,
      what: `${made.name} sends as many credits as its caller names`,
      why: "The amount is compared with nothing that the program keeps: one call can take all that it holds.",
      remedy:
        "Take the amount from an entry in finalize, so that it can't be more: `fees_held - amount`.",
    },
  ];
}

function pauseFindings(program: Program, functions: readonly Function[]): Judged[] {
  const readsPaused = ({ finalize }: Function) =>
    finalize?.statements.some(
      ({ opcode, target }) => opcode.startsWith("get") && target === "paused",
    ) === true;
  const changing = functions.filter(
    ({ finalize, statements }) =>
      finalize?.statements.some(isWrite) === true || statements.some(isOutgoing),
  );
  if (changing.length === 0) return [];
  if (!functions.some(({ name }) => name === "pause")) {
    return [
      {
        rule: "no-pause",
        severity: "medium",
        line: program.line,
        subject: program.id,
        what: `${program.id} can't be paused`,
        why: "When it is exploited nothing can stop the calls.",
        remedy:
          "Add `pause` and `unpause` for the admin, and refuse every other call while paused.",
      },
    ];
  }
  return functions
    .filter((made) => made.statements.some(isOutgoing) && !readsPaused(made))
    .map((made) => ({
      rule: "goes-on-while-paused",
      severity: "high",
      line: made.line,
      subject: made.name,
      what: `${made.name} sends credits while the program is paused`,
      why: "A pause is there to keep the credits in.",
      remedy: "Refuse it while `paused` is true.",
    }));
}

function upgradeFindings(program: Program): Judged[] {
  const constructor = constructorOf(program);
  if (constructor === undefined || constructor.statements.some(isAssert)) return [];
  return [
    {
      rule: "anybody-upgrades",
      severity: "critical",
      line: constructor.line,
      subject: program.id,
      what: `the constructor of ${program.id} asserts nothing`,
      why: "Anybody can put another program in its place, and take what it holds.",
      remedy: "Compare `program_owner` with the admin, or refuse every upgrade with `@noupgrade`.",
    },
  ];
}
