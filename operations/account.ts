import { join } from "node:path";
import { cacheDirectory } from "../aleo/cache-directory.ts";
import { PrivateKey, PrivateKeyError } from "../aleo/keys.ts";
import type { NodeClient } from "../aleo/node/client.ts";
import type { TransactionBuilder } from "../aleo/transaction/builder.ts";
import { builderFor } from "../aleo/transaction/builders.ts";
import { Journal } from "../aleo/transaction/journal.ts";
import type { Sender } from "../aleo/transaction/send.ts";
import { type Environment, secretsOf, type Settings } from "../settings.ts";
import { refuseDevnodeKey } from "./devnode-elsewhere.ts";

/** The operating account: builds, pays for and sends an operation's transactions. */
export interface Account extends Sender {
  readonly settings: Settings;
  readonly builder: TransactionBuilder;
}

/**
 * The account of ALEO_PRIVATE_KEY. What it sends is in the same journal as what `make up` sends.
 * @param purpose what it is to pay for
 * @throws PrivateKeyError where the variable is not set or is no private key
 * @throws DevnodeElsewhereError for the devnode's key on another network
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
  refuseDevnodeKey(settings.network, secrets.privateKey.text);
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
      cacheDirectory: cacheDirectory(environment),
    }),
  };
}
