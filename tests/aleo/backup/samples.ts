import { programChecksum } from "../../../aleo/program/checksum.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import type { BackupContent } from "../../../aleo/backup/write-backup.ts";
import { compiledProgram } from "../../../contracts/compiled-program.ts";
import type { Entry } from "../../../aleo/backup/parts.ts";

const program = "agent_registry_v2.aleo";
const programSource = compiledProgram(program);

/** What a backup of agent_registry_v2.aleo with so many agents is made of; no chain is needed. */
export function sampleContent(agents: number): BackupContent {
  const ids = Array.from({ length: agents }, (_, index) => `${index}field`).sort();
  return {
    network: "local",
    program,
    programSource,
    edition: 0,
    checksum: programChecksum(parseProgram(programSource)),
    owner: "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
    height: 29,
    blockHash: "ab1dgh6wtvhnuhzv3398dqjy0g2jf3sxs74nwkk0rk3tcpfkrl4h5yqkxc3ux",
    stateRoot: undefined,
    blockTimeMs: Date.parse("2025-06-21T11:59:58Z"),
    source: "replay",
    verification: { kind: "operation-ids", fromHeight: 22, toHeight: 29, operations: 5 },
    mappings: [
      { name: "fees_held", entries: [["0u8", `${agents}00000u64`]] },
      { name: "queue_head", entries: [] },
      { name: "stakes", entries: ids.map((id): Entry => [id, `${id.length}000000u64`]) },
    ],
  };
}
