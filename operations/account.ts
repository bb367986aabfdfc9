import { homedir } from "node:os";
import { join } from "node:path";
import { PrivateKey, PrivateKeyError } from "../aleo/keys.ts";
import type { NodeClient } from "../aleo/node/client.ts";
import type { TransactionBuilder } from "../aleo/transaction/builder.ts";
import { builderFor } from "../aleo/transaction/builders.ts";
import { Journal } from "../aleo/transaction/journal.ts";
import type { Sender } from "../aleo/transaction/send.ts";
import { type Environment, secretsOf, type Settings } from "../settings.ts";

/** The operating account: builds, pays for and sends an operation's transactions. */
export interface Account extends Sender {
  readonly settings: Settings;
  readonly builder: TransactionBuilder;
}

/**
 * The account of ALEO_PRIVATE_KEY. What it sends is in the same journal as what `make up` sends.
 * @param purpose what it is to pay for
 * @throws PrivateKeyError where the variable is not set or is no private key
 */
export function operatingAccount(
  settings: Settings,
  node: NodeClient,
  environment: Environment,
  purpose: string,
): Account {
  // The stack's own secret is encrypted: only Pulumi reads it.
  const secrets = secretsOf({ get: () => undefined, file: "" }, environment);
  if (secrets.privateKey === undefined) {
    throw new PrivateKeyError(`There is no private key to pay for ${purpose}.`, {
      remedy: "Set the environment variable ALEO_PRIVATE_KEY. Nothing was sent.",
    });
  }
  return {
    settings,
    node,
    journal: new Journal(join(process.cwd(), ".state", "journal"), settings.network),
    confirmationTimeoutMs: settings.confirmationTimeoutMs,
    builder: builderFor({
      node,
      key: new PrivateKey(secrets.privateKey.text, secrets.privateKey.source),
      proving: settings.proving,
      secrets,
      cacheDirectory: join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "aleo-ops"),
    }),
  };
}
