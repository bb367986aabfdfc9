import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one step of a run does to one resource. */
export interface Step {
  /** `create`, `update`, `replace`, `delete`, `same` … */
  readonly operation: string;
  readonly urn: string;
  readonly type: string;
  readonly old: StepState | undefined;
  readonly new: StepState | undefined;
}

interface StepState {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

type Properties = Readonly<Record<string, unknown>>;

/** A rule of a policy pack that the run breaks. */
interface PolicyViolation {
  readonly rule: string;
  readonly urn: string | undefined;
  readonly message: string;
  readonly isMandatory: boolean;
}

/** What is known of a run of the CLI from its event log. */
export interface EngineEvents {
  readonly steps: readonly Step[];
  readonly errors: readonly string[];
  readonly violations: readonly PolicyViolation[];
  /** How many resources by operation, as the CLI counts them; of an `up` those of the update, not of its preview. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Of a run that did not come to pass. */
export const noEvents: EngineEvents = { steps: [], errors: [], violations: [], counts: {} };

interface RawState {
  readonly inputs?: Properties | null;
  readonly outputs?: Properties | null;
}

/** The part of github.com/pulumi/pulumi/sdk/go/common/apitype EngineEvent that is read here. */
interface RawEvent {
  readonly resOutputsEvent?: {
    readonly metadata: {
      readonly op: string;
      readonly urn: string;
      readonly type: string;
      readonly old?: RawState | null;
      readonly new?: RawState | null;
    };
  };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
  readonly policyEvent?: {
    readonly policyName: string;
    readonly resourceUrn?: string;
    readonly message: string;
    readonly enforcementLevel: string;
  };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> | null };
}

/** Without it the CLI does not know `--event-log`; Pulumi's Automation API sets it as well. */
const environment = { PULUMI_DEBUG_COMMANDS: "true" } as const;

/**
 * Runs the CLI with an event log, and gives back what it says. The log holds secrets in plain text
 * among the CLI's debug messages: it is in a directory of this user's alone and deleted at once.
 */
export async function withEventLog<Result>(
  run: (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<{ readonly result: Result; readonly events: EngineEvents }> {
  const directory = await mkdtemp(join(tmpdir(), "aleo-ops-events-"));
  const file = join(directory, "events.json");
  try {
    const result = await run(["--event-log", file], environment);
    const text = await readFile(file, "utf8").catch(() => "");
    return { result, events: parseEvents(text) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reads one JSON object a line; a line that a killed run left half written is passed over. */
export function parseEvents(text: string): EngineEvents {
  const events = text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap(parseLine);
  const steps = events.flatMap(({ resOutputsEvent }) => {
    if (resOutputsEvent === undefined) return [];
    const { op, urn, type, old, new: changed } = resOutputsEvent.metadata;
    return { operation: op, urn, type, old: stateOf(old), new: stateOf(changed) };
  });
  return {
    steps: steps.filter(({ type }) => !type.startsWith("pulumi:")),
    errors: events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? diagnosticEvent.message.trim() : [],
    ),
    violations: events.flatMap(({ policyEvent }) =>
      policyEvent === undefined
        ? []
        : {
            rule: policyEvent.policyName,
            urn: policyEvent.resourceUrn,
            message: policyEvent.message.trim(),
            isMandatory: policyEvent.enforcementLevel === "mandatory",
          },
    ),
    counts:
      events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {},
  };
}

function parseLine(line: string): RawEvent[] {
  try {
    return [JSON.parse(line) as RawEvent];
  } catch {
    return [];
  }
}

function stateOf(state: RawState | null | undefined): StepState | undefined {
  if (state === null || state === undefined) return undefined;
  return { inputs: state.inputs ?? {}, outputs: state.outputs ?? {} };
}

/** How many resources a run made, changed or deleted. */
export function changedCount({ counts }: EngineEvents): number {
  return Object.entries(counts)
    .filter(([operation]) => operation !== "same")
    .reduce((sum, [, count]) => sum + count, 0);
}

/** The name that the program gave to the resource. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
