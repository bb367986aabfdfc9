import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { configNamespace } from "../../config-namespace.ts";
import { until } from "../until.ts";
import { DrillError } from "./drill-error.ts";

const cli = join(import.meta.dirname, "..", "cli.ts");
const begunWithinMs = 30_000;

/**
 * Starts a monitor, as `aleo-ops monitor` is, that watches one program of a scratch chain and pages
 * when it holds less than it owes.
 * @param directory where it keeps its files
 * @param page where it pages to
 * @returns what ends it
 * @throws DrillError where it does not begin
 */
export async function startMonitor(
  directory: string,
  { program, nodeUrl }: { readonly program: string; readonly nodeUrl: string },
  page: { readonly url: string; readonly key: string },
  environment: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> {
  const project = join(directory, "monitor");
  const rules = join(project, "rules");
  mkdirSync(rules, { recursive: true });
  const config = { network: "local", endpoints: [nodeUrl], maxFee: "1", programs: [{ program }] };
  const named = Object.entries(config).map(([key, value]) => [`${configNamespace}:${key}`, value]);
  writeFileSync(
    join(project, "Pulumi.local.yaml"),
    stringify({ config: Object.fromEntries(named) as unknown }),
  );
  const solvency = { kind: "solvency", severity: "critical", programs: [program] };
  writeFileSync(join(rules, "local.yaml"), stringify({ rules: { solvency } }));
  const logFile = join(project, "monitor.log");
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [cli, "monitor", "--network", "local"], {
    cwd: project,
    env: {
      PATH: environment.PATH,
      HOME: environment.HOME,
      MONITOR_RULES: rules,
      MONITOR_PORT: "0",
      PAGERDUTY_EVENTS_URL: page.url,
      PAGERDUTY_KEY_CRITICAL: page.key,
    },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const said = () => readFileSync(logFile, "utf8");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    const ended = hasEnded() ? undefined : once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    process.removeListener("exit", kill);
  };
  const begun = await until(
    () => Promise.resolve(hasEnded() || said().includes("The monitor has begun")),
    begunWithinMs,
    100,
  );
  if (begun && !hasEnded()) return stop;
  await stop();
  throw new DrillError(`The monitor did not begin: ${said().trim().split("\n").at(-1) ?? ""}`, {
    remedy: "Run again; where it stays, run `aleo-ops monitor` by itself and see what it says.",
  });
}
