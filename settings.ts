import { z } from "zod";
import { AleoError } from "./aleo/errors.ts";
import { networks, type Network } from "./aleo/network.ts";
import { configNamespace } from "./config-namespace.ts";

interface ProgramDeclaration {
  /** Program id: `agent_registry_v3.aleo`. */
  readonly program: string;
  /** Kept so by `up`; where it is left out, pausing is not managed and an emergency pause stays. */
  readonly paused?: boolean | undefined;
}

/** How a real network's transactions are proven; a devnode takes them without proofs. */
type Proving = { readonly mode: "sdk" } | { readonly mode: "delegated"; readonly url: string };

/** One typed, validated, frozen view of a stack's configuration. It holds no secret. */
export interface Settings {
  readonly network: Network;
  /** Base URLs of nodes, tried in this order. */
  readonly endpoints: readonly string[];
  readonly programs: readonly ProgramDeclaration[];
  /** Added to each transaction's base fee, in microcredits. */
  readonly priorityFee: bigint;
  /** The most that one transaction may cost, priority fee included, in microcredits. */
  readonly maxFee: bigint;
  /** How long a transaction may take to show in a block, in ms. */
  readonly confirmationTimeoutMs: number;
  readonly proving: Proving;
}

export interface SettingsSource {
  /** The text of a key without its namespace; objects and lists as JSON. */
  get(key: string): string | undefined;
  /** Every key that is set, where it is known, so that a misspelt one is found. */
  readonly keys?: readonly string[] | undefined;
  /** The file a person edits: `Pulumi.testnet.yaml`. */
  readonly file: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export class SettingError extends AleoError {}

const microcredits = z
  .string()
  .regex(/^\d+$/, "Not a whole number")
  .transform((digits) => BigInt(digits));

const schemas = {
  network: z.enum(networks),
  endpoints: z.array(z.url({ protocol: /^https?$/ })).min(1),
  programs: z.array(
    z.strictObject({
      program: z.string().regex(/^[a-z][a-z0-9_]*\.aleo$/i),
      paused: z.boolean().optional(),
    }),
  ),
  priorityFee: microcredits,
  defaultFee: microcredits,
  maxFee: microcredits,
  confirmationTimeoutSeconds: z.coerce.number().int().positive().max(3600),
  proving: z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("sdk") }),
    z.strictObject({ mode: z.literal("delegated"), url: z.url({ protocol: /^https?$/ }) }),
  ]),
} as const;

type Key = keyof typeof schemas;

const allowed: Record<Key, string> = {
  network: networks.join(", "),
  endpoints: 'a list of at least one http(s) URL, as ["https://api.example.org/v2"]',
  programs: "a list of {program: name.aleo, paused: true|false (optional)}",
  priorityFee: "a whole number of microcredits, at most defaultFee",
  defaultFee: "a whole number of microcredits",
  maxFee: "a whole number of microcredits",
  confirmationTimeoutSeconds: "a whole number of seconds from 1 to 3600",
  proving: "{mode: sdk} or {mode: delegated, url: https://…}",
};

/** Keys that hold secrets: named here so that they are known, read by `secretsOf` only. */
const secretKeys = ["privateKey", "proverApiKey", "proverConsumerId"] as const;

const text = new Set<Key>([
  "network",
  "priorityFee",
  "defaultFee",
  "maxFee",
  "confirmationTimeoutSeconds",
]);

/**
 * Reads a stack's settings. ALEO_NODE_URL (one URL, or several with commas) and ALEO_DEFAULT_FEE
 * win over the stack's file; ALEO_NETWORK may only say the same network.
 * @throws SettingError naming the key, its value, what is allowed and the file or variable
 */
export function settingsOf(source: SettingsSource, environment: Environment): Settings {
  refuseUnknownKeys(source);
  const network = required("network", source);
  const stated = environment.ALEO_NETWORK;
  if (stated !== undefined && stated !== network) {
    throw new SettingError(
      `ALEO_NETWORK is "${stated}", but ${source.file} is for the network "${network}".`,
      { remedy: `Unset ALEO_NETWORK, or choose the stack of "${stated}".` },
    );
  }
  const nodeUrl = environment.ALEO_NODE_URL;
  const endpoints =
    nodeUrl === undefined
      ? required("endpoints", source)
      : parse("endpoints", nodeUrl.split(","), nodeUrl, "the environment variable ALEO_NODE_URL");
  const defaultFeeText = environment.ALEO_DEFAULT_FEE;
  const defaultFee =
    defaultFeeText === undefined
      ? (optional("defaultFee", source) ?? 150_000n)
      : parse(
          "defaultFee",
          defaultFeeText,
          defaultFeeText,
          "the environment variable ALEO_DEFAULT_FEE",
        );
  const priorityFee = optional("priorityFee", source) ?? 0n;
  if (priorityFee > defaultFee) {
    throw new SettingError(
      `priorityFee in ${source.file} is ${priorityFee.toString()} microcredits, over the ceiling of ${defaultFee.toString()} that defaultFee sets.`,
      { remedy: "Lower priorityFee, or raise defaultFee (or ALEO_DEFAULT_FEE) knowingly." },
    );
  }
  return Object.freeze({
    network,
    endpoints: Object.freeze(endpoints),
    programs: Object.freeze(optional("programs", source) ?? []),
    priorityFee,
    maxFee: required("maxFee", source),
    confirmationTimeoutMs: (optional("confirmationTimeoutSeconds", source) ?? 180) * 1_000,
    proving: optional("proving", source) ?? { mode: "sdk" as const },
  });
}

export interface Secrets {
  /** Undefined where none is given: previews need none. */
  readonly privateKey: { readonly text: string; readonly source: string } | undefined;
  readonly proverApiKey: string | undefined;
  readonly proverConsumerId: string | undefined;
}

/** Where the secrets are: the environment (ALEO_PRIVATE_KEY, ALEO_PROVER_API_KEY, ALEO_PROVER_CONSUMER_ID) wins over the stack's encrypted configuration. */
export function secretsOf(source: SettingsSource, environment: Environment): Secrets {
  const fromEnvironment = environment.ALEO_PRIVATE_KEY;
  const fromStack = source.get("privateKey");
  return {
    privateKey:
      fromEnvironment !== undefined
        ? { text: fromEnvironment, source: "the environment variable ALEO_PRIVATE_KEY" }
        : fromStack !== undefined
          ? {
              text: fromStack,
              source: `the secret ${configNamespace}:privateKey of ${source.file}`,
            }
          : undefined,
    proverApiKey: environment.ALEO_PROVER_API_KEY ?? source.get("proverApiKey"),
    proverConsumerId: environment.ALEO_PROVER_CONSUMER_ID ?? source.get("proverConsumerId"),
  };
}

function refuseUnknownKeys(source: SettingsSource): void {
  const known: readonly string[] = [...Object.keys(schemas), ...secretKeys];
  const unknown = source.keys?.find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new SettingError(
    `${source.file} sets ${configNamespace}:${unknown}, which is no setting.`,
    {
      remedy: `The settings are: ${known.join(", ")}.`,
    },
  );
}

function required<K extends Key>(key: K, source: SettingsSource): z.infer<(typeof schemas)[K]> {
  const value = optional(key, source);
  if (value === undefined) {
    throw new SettingError(`${configNamespace}:${key} is not set in ${source.file}.`, {
      remedy: `Set it: ${allowed[key]}.`,
    });
  }
  return value;
}

function optional<K extends Key>(
  key: K,
  source: SettingsSource,
): z.infer<(typeof schemas)[K]> | undefined {
  const raw = source.get(key);
  if (raw === undefined) return undefined;
  return parse(key, text.has(key) ? raw : fromJson(raw), raw, source.file);
}

function parse<K extends Key>(
  key: K,
  value: unknown,
  shown: string,
  where: string,
): z.infer<(typeof schemas)[K]> {
  const result = schemas[key].safeParse(value);
  if (result.success) return result.data as z.infer<(typeof schemas)[K]>;
  const issue = result.error.issues[0];
  const at = issue === undefined || issue.path.length === 0 ? "" : ` (at ${issue.path.join(".")})`;
  throw new SettingError(
    `${configNamespace}:${key} is ${JSON.stringify(shown)} in ${where}${at}: ${issue?.message ?? "not valid"}.`,
    { remedy: `Allowed is ${allowed[key]}.` },
  );
}

function fromJson(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}
