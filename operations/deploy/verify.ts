import { z } from "zod";
import type { DeployedProgram, NodeClient } from "../../aleo/node/client.ts";
import { chainChecksum } from "../../aleo/program/checksum.ts";
import { programName } from "../../aleo/program/id.ts";
import { interfaceOf, type ProgramInterface } from "../../aleo/program/interface.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf, type Mapping } from "../../aleo/program/program.ts";
import { AleoError } from "../../aleo/errors.ts";
import { adminOf } from "../../aleo/transaction/admin.ts";
import type { Settings } from "../../settings.ts";
import { bad, type Check, good, notice } from "../checks.ts";

export interface VerificationOptions {
  /** The compiled text that the project declares. */
  readonly source: string;
  /** Address of the operating account; undefined where no key is given. */
  readonly account: string | undefined;
}

/** What a deployment's transaction says for itself, as the chain keeps it. */
const deploymentShape = z.object({
  owner: z.object({ address: z.string() }).optional(),
  deployment: z.object({
    edition: z.number(),
    program_checksum: z.array(z.string()).nullish(),
  }),
});
type Deployment = z.infer<typeof deploymentShape>;

/**
 * Compares a program on chain with what the project and the stack declare: its text, the checksum
 * that the chain itself keeps, edition, owner, constructor and mappings, with a read of each.
 */
export async function verifyDeployment(
  { network, programs }: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  id: string,
  { source, account }: VerificationOptions,
): Promise<Check[]> {
  programName(id);
  const declaration = programs.find(({ program }) => program === id);
  const declared = interfaceOf(parseProgram(source));
  const deployed = await node.program(id);
  if (deployed === undefined) {
    return [
      bad(
        "deployed",
        `it is not on ${network}`,
        `Deploy it: aleo-ops deploy --only ${id} --network ${network}. What was accepted just now shows after 2 or 3 blocks.`,
      ),
    ];
  }
  const found = interfaceOf(parseProgram(deployed.source));
  const deployment = await deploymentOf(node, deployed);
  return [
    declaration === undefined
      ? notice("declared", `Pulumi.${network}.yaml does not declare it`)
      : good("declared", `in Pulumi.${network}.yaml`),
    sourceCheck(declared, found, deployed.source === source),
    checksumCheck(declared, deployment),
    ...(await editionChecks(node, id, deployed, deployment)),
    ...ownerChecks(deployed, deployment, account),
    sameCheck("constructor", declared.constructor, found.constructor, changedRemedy(id, network)),
    mappingsCheck(declared, found, await node.mappingNames(id), changedRemedy(id, network)),
    ...(await readChecks(node, id, deployed.source)),
    ...(await stateChecks(node, id, found, declaration?.paused, account)),
  ];
}

async function deploymentOf(
  node: NodeClient,
  { transactionId }: DeployedProgram,
): Promise<Deployment | undefined> {
  if (transactionId === undefined) return undefined;
  const transaction = await node.transaction(transactionId);
  const read = deploymentShape.safeParse(transaction);
  return read.success ? read.data : undefined;
}

function changedRemedy(id: string, network: string): string {
  return `Compare \`aleo-ops program ${id} --source --network ${network}\` with contracts/, and find out who deployed it.`;
}

function sourceCheck(declared: ProgramInterface, found: ProgramInterface, isSame: boolean): Check {
  if (declared.checksum !== found.checksum) {
    return bad(
      "source",
      `it differs from the project's: ${differences(declared, found).join(", ") || "in the code of its functions"}`,
      "Deploy the project's own, or take over what is on chain; find out first why they differ.",
    );
  }
  return good(
    "source",
    isSame ? "as in contracts/, byte for byte" : "as in contracts/, but for white space",
  );
}

const parts = ["imports", "constructor", "mappings", "structs", "records", "functions"] as const;

/** Names of the parts that differ, as far as an interface shows them. */
function differences(declared: ProgramInterface, found: ProgramInterface): string[] {
  return parts.filter((part) => JSON.stringify(declared[part]) !== JSON.stringify(found[part]));
}

function checksumCheck({ checksum }: ProgramInterface, deployment: Deployment | undefined): Check {
  const kept = deployment?.deployment.program_checksum;
  if (kept === undefined || kept === null) {
    return notice("checksum", "the node does not tell the one that the chain keeps");
  }
  return JSON.stringify(kept) === JSON.stringify(chainChecksum(checksum))
    ? good("checksum", `${checksum}, as the chain keeps it`)
    : bad(
        "checksum",
        "the one that the chain keeps is not that of the project's program",
        "Treat the program as another one: do not use it before it is known who deployed it.",
      );
}

async function editionChecks(
  node: NodeClient,
  id: string,
  { edition, amendments, transactionId }: DeployedProgram,
  deployment: Deployment | undefined,
): Promise<Check[]> {
  const latest = await node.programEdition(id);
  const told = [latest, deployment?.deployment.edition].filter((one) => one !== undefined);
  const others = told.filter((one) => one !== edition);
  const checks =
    others.length === 0
      ? [good("edition", `${edition}, deployed by ${transactionId ?? "the genesis block"}`)]
      : [
          bad(
            "edition",
            `the node says ${edition}, and elsewhere ${others.join(" and ")}`,
            "Ask again in a minute, and another endpoint: an upgrade may be under way.",
          ),
        ];
  if (amendments === undefined || amendments === 0) return checks;
  return [...checks, notice("amendments", `its verifying keys were amended ${amendments} times`)];
}

function ownerChecks(
  { owner }: DeployedProgram,
  deployment: Deployment | undefined,
  account: string | undefined,
): Check[] {
  if (owner === undefined) return [notice("owner", "no node tells who deployed it")];
  const signed = deployment?.owner?.address;
  if (signed !== undefined && signed !== owner) {
    return [
      bad(
        "owner",
        `the node says ${owner}, the deployment is signed by ${signed}`,
        "Ask another endpoint: this one does not tell the truth.",
      ),
    ];
  }
  if (account === undefined || account === owner) return [good("owner", owner)];
  return [notice("owner", `${owner}, which is not the operating account ${account}`)];
}

function sameCheck(subject: string, declared: string, found: string, remedy: string): Check {
  return declared === found
    ? good(subject, found)
    : bad(subject, `it is ${found}, and ${declared} is declared`, remedy);
}

function mappingsCheck(
  declared: ProgramInterface,
  found: ProgramInterface,
  served: readonly string[] | undefined,
  remedy: string,
): Check {
  const lines = (mappings: Readonly<Record<string, string>>) =>
    Object.entries(mappings).map(([name, type]) => `${name}: ${type}`);
  const wanted = lines(declared.mappings);
  const there = lines(found.mappings);
  const missing = wanted.filter((line) => !there.includes(line));
  const more = there.filter((line) => !wanted.includes(line));
  if (missing.length + more.length > 0) {
    const what = [
      ...missing.map((line) => `${line} is missing`),
      ...more.map((line) => `${line} is not declared`),
    ];
    return bad("mappings", what.join("; "), remedy);
  }
  const names = Object.keys(found.mappings);
  const unserved = names.filter((name) => served?.includes(name) === false);
  return unserved.length === 0
    ? good("mappings", `${names.length} as declared`)
    : bad(
        "mappings",
        `the node does not know ${unserved.join(", ")}`,
        "Ask another endpoint: this one is behind.",
      );
}

/** A key of each type that an entry may well have, and that is valid in any case. */
const sampleKeys: Readonly<Record<string, string>> = {
  address: "aleo1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3ljyzc",
  boolean: "true",
  field: "0field",
  group: "0group",
  scalar: "0scalar",
  ...Object.fromEntries(
    ["8", "16", "32", "64", "128"].flatMap((bits) => [
      [`u${bits}`, `0u${bits}`],
      [`i${bits}`, `0i${bits}`],
    ]),
  ),
};

async function readChecks(node: NodeClient, id: string, source: string): Promise<Check[]> {
  const mappings = [...componentsOf(parseProgram(source), "mapping").values()];
  return Promise.all(mappings.map((mapping) => readCheck(node, id, mapping)));
}

async function readCheck(node: NodeClient, id: string, { name, key }: Mapping): Promise<Check> {
  const subject = `read of ${name}`;
  const sample = sampleKeys[key.text];
  if (sample === undefined) return notice(subject, `not tried: its key is of the type ${key.text}`);
  try {
    const value = await node.mappingValue(id, name, sample);
    return good(subject, `[${sample}] is ${value === undefined ? "not set" : oneLine(value)}`);
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return bad(subject, error.message, error.remedy);
  }
}

function oneLine(value: string): string {
  const plain = value.replaceAll(/\s+/g, " ");
  return plain.length > 70 ? `${plain.slice(0, 69)}…` : plain;
}

async function stateChecks(
  node: NodeClient,
  id: string,
  { mappings }: ProgramInterface,
  declaredPause: boolean | undefined,
  account: string | undefined,
): Promise<Check[]> {
  const checks: Check[] = [];
  if ("admin" in mappings) {
    const admin = await adminOf(node, id);
    checks.push(
      admin === account || account === undefined
        ? good("admin", admin ?? "none")
        : notice("admin", `${admin ?? "none"}, which is not the operating account`),
    );
  }
  if ("paused" in mappings) {
    const isPaused = (await node.mappingValue(id, "paused", "0u8")) === "true";
    const state = isPaused ? "paused" : "running";
    if (declaredPause !== undefined && declaredPause !== isPaused) {
      const wanted = declaredPause ? "paused" : "running";
      checks.push(
        bad(
          "pause",
          `it is ${state}, and the stack keeps it ${wanted}`,
          "Find out who changed it; `aleo-ops deploy` brings it back.",
        ),
      );
    } else {
      checks.push(isPaused ? notice("pause", "it is paused") : good("pause", "it is running"));
    }
  }
  return checks;
}
