import type * as onChain from "./on-chain/program-setting.ts";
import { sameValue } from "./same-value.ts";
import { isUnknown } from "./unknown.ts";

export { configure } from "./run.ts";
export type { SettingInputs, SettingProperties } from "./on-chain/program-setting.ts";

type Inputs = onChain.SettingInputs;
type Properties = onChain.SettingProperties;

const declaredNames = ["program", "mapping", "key", "value", "function", "arguments"] as const;

/** The node client and the SDK's modules: a run that finds nothing to do needs none of them. */
const load = (): Promise<typeof onChain> => import("./on-chain/program-setting.ts");

/** As `check` of on-chain/program-setting.ts; what is as the state knows it was checked before. */
export async function check(olds: Inputs, news: Inputs): Promise<onChain.CheckResult> {
  if (declaredNames.some((name) => isUnknown(news[name]))) return { inputs: news };
  if (declaredNames.some((name) => !same(olds[name], news[name]))) {
    return (await load()).check(news);
  }
  const { estimatedFee } = olds;
  return { inputs: estimatedFee === undefined ? news : { ...news, estimatedFee } };
}

export function diff(olds: Properties, news: Inputs): { changes: boolean; replaces: string[] } {
  const replaces = (["program", "mapping", "key"] as const).filter(
    (name) => olds[name] !== news[name],
  );
  return {
    changes:
      replaces.length > 0 ||
      !sameValue(olds.value, news.value) ||
      olds.pendingTransaction !== undefined,
    replaces,
  };
}

export async function create(inputs: Inputs) {
  return (await load()).create(inputs);
}

export async function read(id: string, known: Properties | undefined) {
  return (await load()).read(id, known);
}

export async function update(id: string, olds: Properties, news: Inputs) {
  return (await load()).update(id, olds, news);
}

export function remove(id: string): void {
  console.log(`${id} keeps its value on chain. It is only not managed by this stack any more.`);
}

function same(a: string | readonly string[] | undefined, b: string | readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
