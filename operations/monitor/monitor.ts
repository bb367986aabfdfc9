import { once } from "node:events";
import { given } from "../../aleo/environment.ts";
import { dashboardAccess } from "../../monitor/dashboard/access.ts";
import { startServer } from "../../monitor/http/server.ts";
import { createLog, told } from "../../monitor/log.ts";
import { Monitor } from "../../monitor/monitor.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { heartbeatOf, logOptions, monitorSettings, routesOf } from "../../monitor/settings.ts";
import { keepMemorySmall } from "../../monitor/small-memory.ts";
import type { Settings } from "../../settings.ts";
import { backupTimes } from "./backups.ts";

/**
 * Watches a network until the process is told to end (SIGTERM, SIGINT).
 * @param fromBlock where a new database begins; at the newest block without it
 * @throws MonitorSettingError, DatabaseError, RuleFileError for what can't be begun with
 */
export async function runMonitor(
  stack: Pick<Settings, "network" | "endpoints" | "programs" | "backups">,
  environment: NodeJS.ProcessEnv,
  fromBlock: number | undefined,
): Promise<void> {
  keepMemorySmall();
  const { network, endpoints, programs } = stack;
  const log = await createLog(logOptions(environment));
  const settings = monitorSettings(network, environment);
  const routes = routesOf(environment, Date.now);
  const watched = programs.map(({ program }) => program);
  const monitor = await Monitor.open({
    ...{ network, endpoints, settings, routes, log, fromBlock },
    programs: watched,
    heartbeat: heartbeatOf(environment),
    backups: hasStore(stack, environment)
      ? (ended) => backupTimes(stack, environment, ended)
      : undefined,
  });
  const server = await startServer(monitor, {
    ...{ log, routes, access: dashboardAccess(environment) },
    ...{ host: settings.host, port: settings.port },
    rules: () => readRules(settings.rulesFile),
  });
  const signal = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  signal.then(
    () => {
      log.info("The monitor is ending");
      monitor.end();
    },
    (error: unknown) => {
      log.error(told(error), "The monitor can't be told to end");
    },
  );
  log.info(
    {
      network,
      programs: watched,
      database: settings.database,
      rules: settings.rulesFile,
      routes: routes.map(({ name }) => name),
      address: server.address,
    },
    "The monitor has begun",
  );
  if (routes.length === 0) {
    log.warn("No receiver is set: alerts are kept, and nobody is told of them");
  }
  await monitor.run();
  await server.close();
  await monitor.close();
  log.info("The monitor has ended");
}

function hasStore({ backups }: Pick<Settings, "backups">, environment: NodeJS.ProcessEnv): boolean {
  return backups !== undefined || given(environment, "BACKUP_STORE") !== undefined;
}
