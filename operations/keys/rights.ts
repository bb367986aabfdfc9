import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { bounds } from "../../aleo/program/constants.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import { adminOf } from "../../aleo/transaction/admin.ts";
import { nextVersion } from "../emergency/rename-program.ts";

class UnreadableProgramError extends AleoError {}

/** Which programs an account's rights can be handed over of, and what stays with it. */
export interface Rights {
  readonly programs: readonly string[];
  /** One line each, with why. */
  readonly left: readonly string[];
  /** Who else is the admin, one line a program. */
  readonly others: readonly string[];
}

/**
 * What an account may do in programs, and in the later versions of them that it has made and that
 * nobody has declared yet (`emergency clean-slate`).
 * @throws UnreadableProgramError where a program is not served
 */
export async function rightsOf(
  node: NodeClient,
  programs: readonly string[],
  account: string,
): Promise<Rights> {
  const named = await Promise.all(
    programs.map(async (program) => {
      const rights = await rightsIn(node, program, account);
      if (rights === undefined) throw unreadable(node, program);
      return rights;
    }),
  );
  const later = await Promise.all(
    programs.map((program) => rightsInLaterVersions(node, program, account, programs)),
  );
  const found = [...named, ...later.flat()];
  return {
    programs: found.filter(({ canHandOver }) => canHandOver).map(({ id }) => id),
    left: found.flatMap(({ left }) => left),
    others: named.flatMap(({ id, admin }) =>
      admin === undefined || admin === account ? [] : [`the admin of ${id} is ${admin}`],
    ),
  };
}

async function rightsInLaterVersions(
  node: NodeClient,
  program: string,
  account: string,
  known: readonly string[],
) {
  const found: RightsInProgram[] = [];
  for (let id = nextVersion(program); !known.includes(id); id = nextVersion(id)) {
    if (id.length > bounds.nameBytes + ".aleo".length) break;
    const rights = await rightsIn(node, id, account);
    if (rights === undefined) break;
    found.push(rights);
  }
  return found;
}

function unreadable({ network }: NodeClient, program: string): UnreadableProgramError {
  return new UnreadableProgramError(
    `No node serves ${program} on ${network}: what the old key may do there can't be seen.`,
    {
      remedy: `Nothing was sent. Check \`aleo-ops program ${program} --network ${network}\` and the endpoints. If it was never deployed, take its line out of Pulumi.${network}.yaml for this run.`,
    },
  );
}

interface RightsInProgram {
  readonly id: string;
  readonly canHandOver: boolean;
  readonly left: readonly string[];
  readonly admin: string | undefined;
}

/** Undefined where the program is not served. */
async function rightsIn(
  node: NodeClient,
  id: string,
  account: string,
): Promise<RightsInProgram | undefined> {
  const deployed = await node.program(id);
  if (deployed === undefined) return undefined;
  const program = parseProgram(deployed.source);
  const mappings = componentsOf(program, "mapping");
  const functions = componentsOf(program, "function");
  const left: string[] = [];
  if (
    mappings.get("verifiers")?.key.text === "address" &&
    (await node.mappingValue(id, "verifiers", account)) === "true"
  ) {
    left.push(
      `${id} still takes the old account for a verifier: \`revoke_verifier\` with the new key ends that`,
    );
  }
  const canHandOver = functions.has("offer_admin") && functions.has("accept_admin");
  if (!canHandOver) {
    if (deployed.owner === account) {
      left.push(
        `${id} stays with the old key: it has no offer_admin, so who deployed it is its admin for ever; keep the old key safe while the program is used`,
      );
    }
    return { id, canHandOver: false, left, admin: deployed.owner };
  }
  const admin = await adminOf(node, id);
  return { id, canHandOver: admin === account, left, admin };
}
