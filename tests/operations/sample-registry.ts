import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { madeUpRegistry } from "../../operations/drill/made-up-registry.ts";
import { alice, bob } from "../contracts/accounts.ts";

/** The made-up state of a registry whose agents are alice's and bob's. */
export function sampleRegistry(
  size: Parameters<typeof madeUpRegistry>[0],
  program = "agent_registry_v2.aleo",
): Snapshot {
  const source = compiledProgram(program);
  return madeUpRegistry(size, { program, source }, [alice.address, bob.address]);
}
