import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ledgerOf, type Network } from "../../aleo/network.ts";
import type { WatchedProgram } from "../chain/observe.ts";
import type { ProbeStore } from "../store/probe-store.ts";

/**
 * The addresses under which programs hold credits. The SDK computes them once, in a process that
 * ends at once, so that the monitor does not carry its 200 MB; then the store knows them.
 */
export async function withAddresses(
  programs: readonly string[],
  network: Network,
  store: ProbeStore,
): Promise<WatchedProgram[]> {
  const factOf = (program: string) => `address:${program}`;
  const unknown = programs.filter((program) => store.fact(factOf(program)) === undefined);
  if (unknown.length > 0) {
    const script = join(import.meta.dirname, "program-address.ts");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, ledgerOf(network), ...unknown],
      { env: {} },
    );
    for (const [index, address] of stdout.trim().split("\n").entries()) {
      const program = unknown[index];
      if (program !== undefined) store.setFact(factOf(program), address);
    }
  }
  return programs.map((id) => ({ id, address: store.fact(factOf(id)) ?? "" }));
}
