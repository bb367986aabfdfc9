import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { type Entry, type Snapshot, sortedMappings } from "../../aleo/snapshot/snapshot.ts";

/** How large a made-up registry is. */
interface Size {
  readonly agents: number;
  readonly withdrawals?: number;
}

const stake = 1_000_000n;
const waiting = 150_000n;
const struct = (...members: string[]) => `{\n  ${members.join(",\n  ")}\n}`;

/**
 * The state of an agent_registry as a chain with so many agents would have it, made up.
 * @param controllers of the agents, in turn
 */
export function madeUpRegistry(
  { agents, withdrawals = 0 }: Size,
  { program, source }: { readonly program: string; readonly source: string },
  controllers: readonly string[],
): Snapshot {
  const each = <Value>(count: number, make: (index: number) => Value) =>
    Array.from({ length: count }, (_, index) => make(index));
  const controllerOf = (index: number) => controllers[index % controllers.length] ?? "";
  const one = (value: string): Entry[] => [["0u8", value]];
  const mappings: [string, Entry[]][] = [
    [
      "agents",
      each(agents, (index) => [
        `${index + 1}field`,
        struct(
          `controller: ${controllerOf(index)}`,
          `registered_at: ${index + 30}u32`,
          "active: true",
          `verified: ${String(index % 3 === 0)}`,
        ),
      ]),
    ],
    ["stakes", each(agents, (index) => [`${index + 1}field`, `${stake}u64`])],
    [
      "performance",
      each(agents, (index) => [
        `${index + 1}field`,
        struct(`data: ${index * 7 + 1}field`, `updated_at: ${index + 40}u32`),
      ]),
    ],
    [
      "withdrawals",
      each(withdrawals, (index) => [
        `${index}u64`,
        struct(
          `agent_id: ${index + 1}field`,
          `recipient: ${controllerOf(index)}`,
          `amount: ${waiting}u64`,
        ),
      ]),
    ],
    ["queue_head", one("0u64")],
    ["queue_tail", one(`${withdrawals}u64`)],
    ["total_staked", one(`${BigInt(agents) * stake}u64`)],
    ["total_queued", one(`${BigInt(withdrawals) * waiting}u64`)],
    ["fees_held", one("500000u64")],
  ];
  return {
    network: "local",
    program,
    edition: 0,
    checksum: programChecksum(parseProgram(source)),
    programSource: source,
    owner: controllerOf(0),
    height: 100,
    blockHash: `ab1${"q".repeat(58)}`,
    stateRoot: undefined,
    blockTimeMs: Date.UTC(2025, 5, 21),
    mappings: sortedMappings(mappings),
    source: "listing",
    verification: {
      kind: "quiet-reads",
      attempts: 1,
      heightBefore: 100,
      heightAfter: 100,
      keysAsked: undefined,
    },
  };
}
