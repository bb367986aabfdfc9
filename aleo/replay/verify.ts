import { ReplayMismatchError } from "./errors.ts";
import type { Ids } from "./ids.ts";
import type { Operation } from "./machine.ts";
import { plaintextText } from "./text.ts";
import type { Plaintext, Unknown } from "./values.ts";

/** An operation as a block has it. */
export interface BlockOperation {
  readonly type: string;
  readonly mapping_id: string;
  readonly key_id?: string | undefined;
  readonly value_id?: string | undefined;
}

export interface Transacted {
  readonly height: number;
  readonly transactionId: string;
}

const types: Readonly<Record<Operation["kind"], string>> = {
  initialize: "initialize_mapping",
  update: "update_key_value",
  remove: "remove_key_value",
};

/**
 * Compares what a transaction's replay changes with the operations in its block, one by one.
 * Answers how many ids were compared.
 * @throws {ReplayMismatchError}
 */
export function verifyOperations(
  computed: readonly Operation[],
  inBlock: readonly BlockOperation[],
  ids: Ids,
  where: Transacted,
): number {
  let position = 0;
  let compared = 0;
  for (const operation of computed) {
    const found = inBlock[position];
    const problem = differenceOf(operation, found, ids);
    if (problem !== undefined) {
      // Without an entry to remove there is no operation.
      if (operation.kind === "remove" && !operation.isCertain) continue;
      throw new OperationMismatch(operation, where, position, problem);
    }
    position += 1;
    compared += 1;
  }
  if (position < inBlock.length) {
    throw new ReplayMismatchError(
      where.height,
      where.transactionId,
      position,
      `the block has ${inBlock.length} operations, the replay makes ${position}`,
    );
  }
  return compared;
}

/** A mismatch with the operation that was computed. */
export class OperationMismatch extends ReplayMismatchError {
  readonly computed: Operation;

  constructor(computed: Operation, where: Transacted, position: number, problem: string) {
    super(where.height, where.transactionId, position, problem);
    this.computed = computed;
  }
}

function differenceOf(
  operation: Operation,
  found: BlockOperation | undefined,
  ids: Ids,
): string | undefined {
  const subject = subjectOf(operation);
  if (found === undefined) return `the replay makes ${subject}, the block has no more operations`;
  const type = types[operation.kind];
  if (found.type !== type) return `the replay makes ${subject}, the block has ${found.type}`;
  if (found.mapping_id !== field(ids.mapping(operation.program, operation.mapping))) {
    return `the replay makes ${subject}, the block changes another mapping`;
  }
  if (operation.kind === "initialize") return undefined;
  return differenceOfEntry(operation, found, ids, subject);
}

function differenceOfEntry(
  operation: Exclude<Operation, { kind: "initialize" }>,
  found: BlockOperation,
  ids: Ids,
  subject: string,
): string | undefined {
  const { program, mapping, key } = operation;
  if (key.kind === "unknown") return undefined;
  const keyId = ids.key(program, mapping, key);
  if (found.key_id !== field(keyId)) {
    return `the replay makes ${subject}, the block changes another key`;
  }
  if (operation.kind === "remove" || operation.value.kind === "unknown") return undefined;
  return found.value_id === field(ids.value(keyId, operation.value))
    ? undefined
    : `the replay makes ${subject}, the block sets another value`;
}

function field(value: bigint): string {
  return `${value}field`;
}

function subjectOf(operation: Operation): string {
  const { kind, program, mapping } = operation;
  if (kind === "initialize") return `the mapping ${program}/${mapping}`;
  const entry = `${program}/${mapping}[${shown(operation.key)}]`;
  return kind === "remove" ? `the removal of ${entry}` : `${entry} = ${shown(operation.value)}`;
}

function shown(value: Plaintext | Unknown): string {
  return value.kind === "unknown" ? "?" : plaintextText(value).replace(/\s+/g, " ");
}
