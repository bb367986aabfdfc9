import { execaSync } from "execa";
import { ensureDevnode } from "../../local/tools/devnode.ts";

export interface FundedAccount {
  readonly address: string;
  readonly privateKey: string;
}

/**
 * The accounts that a devnode funds in its genesis block, without the first: that one makes the
 * blocks, so that its balance does not change by what it pays only.
 */
export async function fundedAccounts(): Promise<readonly FundedAccount[]> {
  const { file, leading } = await ensureDevnode(() => undefined);
  const { stdout } = execaSync(file, [...leading, "accounts"]);
  return [...stdout.matchAll(/(aleo1\w+)\s+(APrivateKey1\w+)/g)]
    .map(([, address = "", privateKey = ""]) => ({ address, privateKey }))
    .slice(1);
}
