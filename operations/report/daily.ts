import type { NodeClient } from "../../aleo/node/client.ts";
import type { Environment, Settings } from "../../settings.ts";
import { programsOnce } from "./programs-once.ts";
import type { Report } from "./report.ts";
import { alertsSection } from "./sections/alerts-section.ts";
import { backupsIn, backupsSection } from "./sections/backups-section.ts";
import { driftSection } from "./sections/drift-section.ts";
import { healthSection } from "./sections/health-section.ts";
import { repositorySection } from "./sections/repository-section.ts";
import { rulesSection } from "./sections/rules-section.ts";
import { withdrawalsSection } from "./sections/withdrawals-section.ts";

/** The checklist of nine o'clock: what somebody on call looks at before the day begins. */
export async function dailyReport(
  settings: Settings,
  client: NodeClient,
  environment: Environment,
): Promise<Report> {
  const node = programsOnce(client);
  const sections = await Promise.all([
    healthSection(settings, node),
    alertsSection(settings, environment, "24h"),
    backupsIn(settings, environment).then((backups) => backupsSection(settings, backups)),
    rulesSection(settings, node, environment),
    withdrawalsSection(settings, node, environment),
    repositorySection(settings, node, environment),
    driftSection(settings),
  ]);
  return {
    title: "Daily report",
    network: settings.network,
    at: new Date().toISOString(),
    about: "the last 24 hours",
    sections,
  };
}
