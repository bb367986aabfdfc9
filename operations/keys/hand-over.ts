import type { NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";

/** Where the programs of contracts/ keep what there is one of. */
const only = "0u8";

/** Which programs an account's rights can be handed over of, and what stays with it. */
export interface Rights {
  readonly programs: readonly string[];
  /** One line each, with why. */
  readonly left: readonly string[];
  /** Who else is the admin, one line a program. */
  readonly others: readonly string[];
}

export function adminOf(node: NodeClient, program: string): Promise<string | undefined> {
  return node.mappingValue(program, "admin", only);
}

export function offeredAdminOf(node: NodeClient, program: string): Promise<string | undefined> {
  return node.mappingValue(program, "offered_admin", only);
}

/** What an account may do in the programs that are on chain. */
export async function rightsOf(
  node: NodeClient,
  programs: readonly string[],
  account: string,
): Promise<Rights> {
  const found = await Promise.all(programs.map((program) => rightsIn(node, program, account)));
  return {
    programs: programs.filter((_, index) => found[index]?.canHandOver === true),
    left: found.flatMap(({ left }) => left),
    others: found.flatMap(({ admin }, index) =>
      admin === undefined || admin === account
        ? []
        : [`the admin of ${programs[index] ?? ""} is ${admin}`],
    ),
  };
}

async function rightsIn(node: NodeClient, id: string, account: string) {
  const deployed = await node.program(id);
  if (deployed === undefined) return { canHandOver: false, left: [], admin: undefined };
  const program = parseProgram(deployed.source);
  const mappings = componentsOf(program, "mapping");
  const functions = componentsOf(program, "function");
  const left: string[] = [];
  if (
    mappings.get("verifiers")?.key.text === "address" &&
    (await node.mappingValue(id, "verifiers", account)) === "true"
  ) {
    left.push(`${id}: the account stays an authorized verifier; revoke_verifier ends that`);
  }
  const canHandOver = functions.has("offer_admin") && functions.has("accept_admin");
  if (!canHandOver) {
    if (deployed.owner === account) {
      left.push(
        `${id}: it has no offer_admin, so who deployed it is its admin for ever; keep the old key safe while the program is used`,
      );
    }
    return { canHandOver: false, left, admin: deployed.owner };
  }
  const admin = await adminOf(node, id);
  return { canHandOver: admin === account, left, admin };
}
