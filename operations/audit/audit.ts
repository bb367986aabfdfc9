import type { NodeClient } from "../../aleo/node/client.ts";
import type { Environment, Settings } from "../../settings.ts";
import { programsOnce } from "../report/programs-once.ts";
import { countsOf, type Report, sawNothing, type Section } from "../report/report.ts";
import { backupsIn, backupsSection } from "../report/sections/backups-section.ts";
import { driftSection } from "../report/sections/drift-section.ts";
import { repositorySection } from "../report/sections/repository-section.ts";
import { rulesSection } from "../report/sections/rules-section.ts";
import { withdrawalsSection } from "../report/sections/withdrawals-section.ts";
import { adminsSection } from "./admins-section.ts";
import { routesSection } from "./routes-section.ts";

export interface AuditOptions {
  /** Looks beside the chain as well: drift, backups, drills, the bucket, receivers, dependencies. */
  readonly isFull: boolean;
  /** The account that should be admin, where it is not that of ALEO_PRIVATE_KEY. */
  readonly admin: string | undefined;
}

/** Whether a network is as its team believes it to be: for a month's end, and after an incident. */
export async function audit(
  settings: Settings,
  client: NodeClient,
  environment: Environment,
  { isFull, admin }: AuditOptions,
): Promise<Report> {
  const node = programsOnce(client);
  // Begins at once: npm asks the registry meanwhile.
  const beside = isFull ? besideTheChain(settings, node, environment) : [];
  const [others, ...chain] = await Promise.all([
    beside,
    repositorySection(settings, node, environment),
    adminsSection(settings, node, environment, admin),
    rulesSection(settings, node, environment),
    withdrawalsSection(settings, node, environment),
  ]);
  return {
    title: isFull ? "Audit" : "Audit of the chain",
    network: settings.network,
    at: new Date().toISOString(),
    about: "how the network stands now",
    sections: [...whereBlind(chain), ...chain, ...others],
  };
}

/** An audit that saw nothing of the chain has not passed. */
function whereBlind(chain: readonly Section[]): Section[] {
  if (!sawNothing(countsOf({ sections: chain }))) return [];
  return [
    {
      title: "The chain",
      lines: [
        {
          subject: "programs, admins, money",
          verdict: "bad",
          finding: "nothing of them could be looked at: the lines below say why",
          remedy: "Mend that, then run the audit again: `aleo-ops node` asks each endpoint.",
        },
      ],
    },
  ];
}

async function besideTheChain(
  settings: Settings,
  node: NodeClient,
  environment: Environment,
): Promise<Section[]> {
  const { dependenciesSection } = await import("./dependencies-section.ts");
  const asked = dependenciesSection(settings, node);
  const { copySection } = await import("./copy-section.ts");
  const { bucketSection } = await import("./bucket-section.ts");
  const { drillsSection } = await import("./drills-section.ts");
  const [drift, backups, bucket, routes, dependencies] = await Promise.all([
    driftSection(settings),
    backupsIn(settings, environment),
    bucketSection(settings, environment),
    routesSection(settings, environment),
    asked,
  ]);
  return [
    drift,
    backupsSection(settings, backups),
    drillsSection(settings, backups),
    bucket,
    ...(await copySection(settings, backups, environment)),
    routes,
    dependencies,
  ];
}
