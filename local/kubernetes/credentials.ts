import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";

/** Who calls the API server, and as whom it knows them. */
const users = {
  admin: { name: "aleo-ops-admin", groups: "system:masters" },
  controllerManager: { name: "system:kube-controller-manager", groups: "" },
  scheduler: { name: "system:kube-scheduler", groups: "" },
  node: { name: "system:node:local", groups: "system:nodes" },
} as const;

export type User = keyof typeof users;

export interface Credentials {
  /** The certificate of the authority, PEM. */
  readonly authority: string;
  readonly tokens: Readonly<Record<User, string>>;
  readonly files: CredentialFiles;
}

interface CredentialFiles {
  readonly authority: string;
  /** For `--token-auth-file`. */
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly certificate: (name: "apiserver" | "node" | "node-client") => {
    readonly certificate: string;
    readonly key: string;
  };
}

const renewBeforeMs = 30 * 24 * 3_600_000;

/**
 * The keys, certificates and tokens of a cluster, made at its first start, readable by this user
 * only. Certificates are made anew a month before they end, while no part runs (`mayRenew`): what runs
 * knows the old ones.
 */
export async function ensureCredentials(
  directory: string,
  certificates: string,
  mayRenew: boolean,
): Promise<Credentials> {
  const files = filesIn(directory);
  if (!existsSync(files.tokens) || (mayRenew && endsSoon(files.authority))) {
    const aside = await mkdtemp(`${directory}.partial-`);
    await execa(certificates, [aside], { extendEnv: false });
    await writeFile(join(aside, "service-accounts.key"), serviceAccountKey(), { mode: 0o600 });
    await writeFile(join(aside, "tokens.csv"), newTokens(), { mode: 0o600 });
    await chmod(aside, 0o700);
    await rm(directory, { recursive: true, force: true });
    await rename(aside, directory);
  }
  return {
    authority: readFileSync(files.authority, "utf8"),
    tokens: parseTokens(readFileSync(files.tokens, "utf8")),
    files,
  };
}

/** The name of the one context in each kubeconfig. */
export const contextName = "aleo-ops-local";

/** Writes a kubeconfig with one context, whole or not at all. */
export async function writeKubeconfig(
  file: string,
  port: number,
  { authority, tokens }: Credentials,
  user: User,
): Promise<void> {
  const { name } = users[user];
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: contextName,
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority-data": Buffer.from(authority).toString("base64"),
        },
      },
    ],
    users: [{ name, user: { token: tokens[user] } }],
    contexts: [{ name: contextName, context: { cluster: contextName, user: name } }],
    "current-context": contextName,
  });
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function filesIn(directory: string): CredentialFiles {
  const at = (name: string) => join(directory, name);
  return {
    authority: at("ca.crt"),
    tokens: at("tokens.csv"),
    serviceAccountKey: at("service-accounts.key"),
    certificate: (name) => ({ certificate: at(`${name}.crt`), key: at(`${name}.key`) }),
  };
}

function endsSoon(certificateFile: string): boolean {
  const { validToDate } = new X509Certificate(readFileSync(certificateFile));
  return validToDate.getTime() - Date.now() < renewBeforeMs;
}

function serviceAccountKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** One line a user: token, name, id, groups. */
function newTokens(): string {
  return Object.values(users)
    .map(({ name, groups }) => `${randomBytes(32).toString("hex")},${name},${name},"${groups}"\n`)
    .join("");
}

function parseTokens(csv: string): Record<User, string> {
  const tokenOf = new Map(
    csv.split("\n").map((line) => {
      const [token = "", name = ""] = line.split(",");
      return [name, token];
    }),
  );
  return Object.fromEntries(
    Object.entries(users).map(([user, { name }]) => [user, tokenOf.get(name) ?? ""]),
  ) as Record<User, string>;
}
