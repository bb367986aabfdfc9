import type { Trace } from "./trace.ts";

/** Why a call was rejected, as far as its program tells, and what to do. */
export interface Cause {
  readonly cause: string;
  readonly remedy: string;
}

interface KnownCause extends Cause {
  /** All that is named must be so. */
  readonly function?: RegExp;
  readonly opcode?: RegExp;
  /** A mapping that was read for the statement. */
  readonly mapping?: RegExp;
  /** The statement itself. */
  readonly text?: RegExp;
  /** An opcode on the way to it. */
  readonly through?: RegExp;
  /** A member of a struct that it compares. */
  readonly member?: RegExp;
}

/** The first that fits counts. The words are those of contracts/README.md; other programs fit where they are built alike. */
const causes: readonly KnownCause[] = [
  {
    function: /^import_/,
    opcode: /^assert/,
    mapping: /^paused$/,
    cause: "the program is not paused, and imports are only taken while it is",
    remedy: "Pause it first: `aleo-ops pause PROGRAM`.",
  },
  {
    opcode: /^assert/,
    mapping: /^paused$/,
    cause: "the program is paused",
    remedy: "Find out who paused it and why; `aleo-ops unpause PROGRAM` when that is over.",
  },
  {
    opcode: /^get$/,
    mapping: /^offered_admin$/,
    cause: "no offer to take over as admin is open",
    remedy: "Let the admin offer it again (offer_admin).",
  },
  {
    opcode: /^assert/,
    mapping: /^offered_admin$/,
    cause: "the offer to take over as admin is for another account",
    remedy: "Call with the account that it was offered to, or let the admin offer it anew.",
  },
  {
    opcode: /^assert/,
    mapping: /^admin$/,
    cause: "the caller is not the admin",
    remedy:
      "If it was you, use the admin's key. If not, somebody tries what they may not: watch their account.",
  },
  {
    opcode: /^assert/,
    text: /program_owner/,
    cause: "the caller is not the admin, who is the account that deployed the program",
    remedy:
      "If it was you, use that account's key. If not, somebody tries what they may not: watch their account.",
  },
  {
    opcode: /^get$/,
    mapping: /^admin$/,
    cause: "the program has no admin, which its constructor should have set",
    remedy:
      "Take it as an attack or a wrong deployment: `aleo-ops audit` looks at the whole program.",
  },
  {
    function: /^unpause$/,
    opcode: /^assert/,
    mapping: /total_staked|total_queued|fees_held|account/,
    cause: "the program holds less than it owes",
    remedy:
      "See `aleo-ops withdrawals check`, and make up for what is missing with `aleo-ops fund`.",
  },
  {
    function: /^import_withdrawals$/,
    opcode: /^assert/,
    mapping: /^queue_tail$/,
    cause: "the import does not begin where the queue ends",
    remedy: "Run the restore again: it looks first how far it got.",
  },
  {
    opcode: /^assert/,
    mapping: /^queue_head$/,
    cause: "the withdrawals that it names are not the first of the queue: another run paid them",
    remedy: "Nothing is lost: run `aleo-ops withdrawals process` again.",
  },
  {
    function: /^process_withdrawals$/,
    opcode: /^get$/,
    mapping: /^(withdrawals|total_queued)$/,
    cause: "it names more withdrawals than wait",
    remedy: "Run `aleo-ops withdrawals process`, which reads the queue first.",
  },
  {
    opcode: /^assert/,
    member: /^(recipient|amount)$/,
    mapping: /^withdrawals$/,
    cause: "a recipient or an amount is not what the queue says",
    remedy: "Run `aleo-ops withdrawals process`, which reads them from the queue.",
  },
  {
    opcode: /^assert/,
    member: /^controller$/,
    cause: "the caller is not the agent's controller",
    remedy: "The agent's owner must call with the account that registered it.",
  },
  {
    function: /^request_withdrawal$/,
    opcode: /^assert/,
    mapping: /^agents$/,
    through: /^sub$/,
    cause: "an active agent would be left with less than 1 credit of stake",
    remedy: "Withdraw less, or deactivate the agent first.",
  },
  {
    opcode: /^assert/,
    member: /^active$/,
    cause: "the agent is not active any more",
    remedy: "Nothing can be done for it: deactivation is for good. Register a new agent.",
  },
  {
    opcode: /^get$/,
    mapping: /^(agents|stakes)$/,
    cause: "there is no agent with this id",
    remedy: "Check the id. An agent that was registered just now shows after a block.",
  },
  {
    opcode: /^assert/,
    mapping: /^agents$/,
    through: /^contains$/,
    cause: "there is an agent with this id already",
    remedy: "Choose another id. If nobody registered it twice, look who did.",
  },
  {
    function: /^request_withdrawal$/,
    opcode: /^sub$/,
    mapping: /^stakes$/,
    cause: "it asks for more than the agent's stake",
    remedy: "Ask for no more than the stake.",
  },
  {
    opcode: /^assert/,
    mapping: /^stakes$/,
    cause: "it asks for less than 0.1 credit, and that is not all that is left",
    remedy: "Ask for 0.1 credit or more, or for the whole stake.",
  },
  {
    opcode: /^sub$/,
    mapping: /^fees_held$/,
    cause: "it collects more than the fees that the program holds",
    remedy: "Read fees_held[0u8] and collect no more.",
  },
  {
    opcode: /^assert/,
    mapping: /^verifiers$/,
    function: /^revoke_/,
    cause: "the account was never a verifier",
    remedy: "Check the address.",
  },
  {
    opcode: /^assert/,
    mapping: /^verifiers$/,
    cause: "the caller is no authorized verifier",
    remedy: "Let the admin authorize it (authorize_verifier), if it should be one.",
  },
  {
    opcode: /^assert/,
    mapping: /^proofs$/,
    cause: "the proof is recorded already",
    remedy: "Nothing is to be done: a proof is recorded once.",
  },
  {
    opcode: /^sub$/,
    mapping: /^account$/,
    cause: "an account holds less than the call moves",
    remedy: "Send credits to the paying account: `aleo-ops balance ADDRESS` shows what it holds.",
  },
  {
    opcode: /^(add|mul|pow|shl)$/,
    cause: "a number becomes larger than its type can hold",
    remedy: "Look at the operands: call with smaller amounts.",
  },
  {
    opcode: /^(sub|div|rem|mod)(\.w)?$/,
    cause: "a subtraction goes below zero, or something is divided by zero",
    remedy: "Look at the operands: call with other amounts.",
  },
  {
    opcode: /^get$/,
    cause: "a mapping has no entry under the key",
    remedy: "Look at the operands: the key is not there, or not there yet.",
  },
];

/** @param functionName whose finalize it is */
export function causeOf(trace: Trace, functionName: string): Cause | undefined {
  const { statement, mappings, opcodes, members } = trace;
  const has = (set: ReadonlySet<string>, form: RegExp | undefined) =>
    form === undefined || [...set].some((one) => form.test(one));
  return causes.find(
    (known) =>
      (known.function?.test(functionName) ?? true) &&
      (known.opcode?.test(statement.opcode) ?? true) &&
      (known.text?.test(statement.text) ?? true) &&
      has(mappings, known.mapping) &&
      has(opcodes, known.through) &&
      has(members, known.member),
  );
}
