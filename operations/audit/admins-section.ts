import { given } from "../../aleo/environment.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { upgradeRight } from "../../aleo/program/upgrade-right.ts";
import { adminOf, offeredAdminOf } from "../../aleo/transaction/admin.ts";
import type { Environment, Settings } from "../../settings.ts";
import { operatingAddress } from "../look/balance.ts";
import { parsedProgram } from "../look/parsed.ts";
import { programStatus } from "../look/program.ts";
import { type Line, type Section, unseen, unseenFor } from "../report/report.ts";
import { formatAge } from "../text.ts";

/** Who should be admin, and how that is known. */
export interface Expected {
  readonly address: string;
  readonly how: string;
}

/**
 * Who is admin of each program and may upgrade it, against who should be: the account that is named,
 * else that of ALEO_PRIVATE_KEY, else the one that deployed the program.
 * @param named an address
 */
export async function adminsSection(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  environment: Environment,
  named: string | undefined,
): Promise<Section> {
  const title = "Admins and their keys";
  let expected: Expected | undefined;
  try {
    expected = await expectedAdmin(settings.network, environment, named);
  } catch (error) {
    return { title, lines: [unseenFor("the operating account", error)] };
  }
  const lines = await Promise.all(
    settings.programs.map(async ({ program }) => {
      try {
        return await programLines(settings, node, program, expected);
      } catch (error) {
        return [unseenFor(program, error)];
      }
    }),
  );
  return { title, lines: lines.flat() };
}

async function expectedAdmin(
  network: Settings["network"],
  environment: Environment,
  named: string | undefined,
): Promise<Expected | undefined> {
  if (named !== undefined) return { address: named, how: "the account that --admin names" };
  if (given(environment, "ALEO_PRIVATE_KEY") === undefined) return undefined;
  const address = await operatingAddress(network, environment);
  return { address, how: "the account of ALEO_PRIVATE_KEY" };
}

async function programLines(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  program: string,
  expected: Expected | undefined,
): Promise<Line[]> {
  const { owner, mappings, transaction } = await programStatus(settings, node, program);
  const isKept = mappings.includes("admin");
  const admin = isKept ? await adminOf(node, program) : (owner ?? undefined);
  const offered = mappings.includes("offered_admin")
    ? await offeredAdminOf(node, program)
    : undefined;
  const source = await node.programSource(program);
  const right = source === undefined ? undefined : upgradeRight(parsedProgram(source));
  const upgrader =
    right === undefined || right.kind === "address"
      ? right?.address
      : await node.mappingValue(program, right.mapping, right.key);
  return [
    adminLine(program, { admin, owner, isKept }, expected),
    ...offerLine(program, offered),
    ...upgraderLine(program, upgrader, admin),
    await ageLine(node, program, transaction, admin === owner),
  ];
}

/** Pure: whether the admin is who it should be. */
export function adminLine(
  subject: string,
  found: {
    readonly admin: string | undefined;
    readonly owner: string | null;
    /** Whether the program keeps its admin in a mapping; else it is who deployed it. */
    readonly isKept: boolean;
  },
  expected: Expected | undefined,
): Line {
  const { admin, owner, isKept } = found;
  if (admin === undefined) {
    return isKept
      ? {
          subject,
          verdict: "bad",
          finding: "has no admin: nobody can pause it",
          remedy:
            "Its constructor should have set one. See contracts/README.md, and deploy it anew.",
        }
      : unseen(subject, "no node tells who deployed it", "Add an endpoint that tells it.");
  }
  const wanted =
    expected ?? (owner === null ? undefined : { address: owner, how: "who deployed it" });
  if (wanted === undefined) {
    return unseen(
      subject,
      `its admin is ${admin}, and nothing says who should be`,
      "Name the account with --admin.",
    );
  }
  return admin === wanted.address
    ? { subject, verdict: "good", finding: `its admin is ${wanted.how}` }
    : {
        subject,
        verdict: "bad",
        finding: `its admin is ${admin}, and not ${wanted.address}, ${wanted.how}`,
        remedy:
          "If you handed it over, name the new account with --admin, or give its key in ALEO_PRIVATE_KEY. If not, somebody took it over with the old key, and only that account can pause it: `aleo-ops rotate-keys` at once for the programs that are still yours, then runbooks/exploit.md#program-changed.",
      };
}

function offerLine(subject: string, offered: string | undefined): Line[] {
  if (offered === undefined) return [];
  return [
    {
      subject,
      verdict: "bad",
      finding: `${offered} may take over as admin at any time: it is offered to it`,
      remedy:
        "If you are rotating keys, finish it: `aleo-ops rotate-keys`. If not, offer it to yourself, which takes it back, and rotate the key.",
    },
  ];
}

function upgraderLine(
  subject: string,
  upgrader: string | undefined,
  admin: string | undefined,
): Line[] {
  if (upgrader === undefined || upgrader === admin) return [];
  return [
    {
      subject,
      verdict: "bad",
      finding: `${upgrader} may upgrade it, and is not its admin`,
      remedy: "Find out why its constructor lets another account upgrade it.",
    },
  ];
}

const oldKeyMs = 365 * 86_400_000;

/** The admin's key is at least as old as the edition that its account deployed. */
async function ageLine(
  node: NodeClient,
  program: string,
  transaction: string | null,
  isDeployer: boolean,
): Promise<Line> {
  const subject = `${program}: key`;
  const height =
    transaction === null || !isDeployer ? undefined : await node.blockOfTransaction(transaction);
  const block = height === undefined ? undefined : await node.block(height);
  if (block === undefined) {
    return unseen(
      subject,
      "its admin is not who deployed it, so its age does not show on chain",
      "Look when the keys were last rotated.",
    );
  }
  const age = Math.max(0, Date.now() - block.header.metadata.timestamp * 1_000);
  const finding = `the admin's key has been in use for at least ${formatAge(age)}`;
  return age > oldKeyMs
    ? {
        subject,
        verdict: "notice",
        finding,
        remedy: "Rotate it once a year: `aleo-ops rotate-keys`.",
      }
    : { subject, verdict: "good", finding };
}
