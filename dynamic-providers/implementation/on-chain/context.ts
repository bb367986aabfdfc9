import { join } from "node:path";
import { cacheDirectory } from "../../../aleo/cache-directory.ts";
import type { DeploymentFees } from "../../../aleo/fees/deployment-fees.ts";
import { networkFees } from "../../../aleo/fees/network-fees.ts";
import { PrivateKey } from "../../../aleo/keys.ts";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import type { TransactionBuilder } from "../../../aleo/transaction/builder.ts";
import { builderFor, pricingBuilder } from "../../../aleo/transaction/builders.ts";
import { Journal } from "../../../aleo/transaction/journal.ts";
import type { Sender } from "../../../aleo/transaction/send.ts";
import { secretsOf, settingsOf, type Settings } from "../../../settings.ts";
import { configured, declared } from "../run.ts";

/** What the resources of one run share. */
export interface Context extends Sender {
  readonly settings: Settings;
  readonly node: NodeClient;
  readonly fees: DeploymentFees;
  /** Prices and addresses for whoever has no private key. */
  readonly pricing: TransactionBuilder;
  /** Undefined where no private key is given: then the chain can be read, but nothing be sent. */
  readonly builder: TransactionBuilder | undefined;
  /** As in run.ts. */
  readonly declared: Map<string, string>;
  /** What this run still has to pay, by resource, in microcredits. */
  readonly planned: Map<string, bigint>;
}

let current: Context | undefined;

/** @throws SettingError, PrivateKeyError, InvalidEndpointError for a wrong configuration, at every call */
export function context(): Context {
  current ??= newContext();
  return current;
}

function newContext(): Context {
  const source = { get: configured, file: "the stack's configuration" };
  const settings = settingsOf(source, process.env);
  const secrets = secretsOf(source, process.env);
  const node = connect({ network: settings.network, endpoints: settings.endpoints });
  const key =
    secrets.privateKey && new PrivateKey(secrets.privateKey.text, secrets.privateKey.source);
  const pricing = pricingBuilder(node);
  return {
    settings,
    node,
    journal: new Journal(join(process.cwd(), ".state", "journal"), settings.network),
    confirmationTimeoutMs: settings.confirmationTimeoutMs,
    fees: networkFees(node, process.env, pricing).deployments,
    pricing,
    builder:
      key &&
      builderFor({
        ...{ node, key, proving: settings.proving, secrets },
        cacheDirectory: cacheDirectory(process.env),
      }),
    declared,
    planned: new Map(),
  };
}
