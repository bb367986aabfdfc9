import type * as onChain from "./on-chain/program.ts";
import { configured, declared } from "./run.ts";
import { isUnknown } from "./unknown.ts";

export { configure } from "./run.ts";
export type { ProgramInputs, ProgramProperties } from "./on-chain/program.ts";

type Inputs = onChain.ProgramInputs;
type Known = onChain.KnownProperties;

/** The node client and the SDK's modules: a run that finds nothing to do needs none of them. */
const load = (): Promise<typeof onChain> => import("./on-chain/program.ts");

/** As `check` of on-chain/program.ts; what is as the state knows it was checked before. */
export async function check(olds: Inputs, news: Inputs): Promise<onChain.CheckResult> {
  if (isUnknown(news.source)) return { inputs: news };
  const isKnown = olds.source === news.source && olds.changedOnChain === undefined;
  const known = isKnown ? olds.interface?.program : undefined;
  if (known === undefined || olds.network !== configured("network") || declared.has(known)) {
    return (await load()).check(olds, news);
  }
  declared.set(known, news.source);
  return { inputs: olds };
}

export function diff(olds: Known, news: Inputs): { changes: boolean } {
  return {
    changes:
      news.interface?.checksum !== olds.interface.checksum ||
      news.edition !== olds.edition ||
      olds.pendingTransaction !== undefined ||
      olds.changedOnChain !== undefined,
  };
}

export async function create(inputs: Inputs) {
  return (await load()).create(inputs);
}

export async function read(id: string, known: Known | undefined) {
  return (await load()).read(id, known);
}

export async function update(id: string, olds: Known, news: Inputs) {
  return (await load()).update(id, olds, news);
}

export function remove(id: string): void {
  console.log(
    `${id} stays on chain: a program can't be removed. It is only forgotten by this stack.`,
  );
}
