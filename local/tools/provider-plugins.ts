import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { EnvHttpProxyAgent, request } from "undici";
import { LocalError, messageOf } from "../errors.ts";
import type { Pulumi } from "./pulumi.ts";
import type { Progress, ToolReport } from "./tool.ts";

interface ProviderPlugin {
  readonly name: string;
  /** The version of the npm package in package.json, which the engine asks for. */
  readonly version: string;
}

export const providerPlugins: readonly ProviderPlugin[] = [
  { name: "aws", version: "7.48.0" },
  { name: "kubernetes", version: "4.34.2" },
  { name: "pagerduty", version: "3.4.0" },
];

export interface InstalledPlugin extends ProviderPlugin {
  readonly source: "real" | "stand-in";
  readonly file: string;
}

export interface ProviderPluginOptions {
  /**
   * Whether stand-ins may be put where no real plugin can be had. Only into a Pulumi home of this
   * project: in the user's own, every other project would get them.
   */
  readonly standIns: boolean;
  /** The folder that serves the plugins' archives. */
  readonly source?: string;
}

const officialSource = "https://get.pulumi.com/releases/plugins";
const connectMs = 3_000;
const answerMs = 5_000;

/** What the scripts of the stand-ins have and no real plugin has. */
const mark = "ALEO_OPS_PROVIDER_PLUGINS";

/**
 * Makes sure that the Pulumi home of `env` has every provider plugin. One that is there is used as it
 * is; else the CLI installs the real one; where its source is not reached within a few seconds, a
 * stand-in from local/plugins takes its place until that home is deleted.
 *
 * @throws LocalError when the real ones can't be had and stand-ins are not allowed
 */
export async function ensureProviderPlugins(
  pulumi: Pulumi,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  options: ProviderPluginOptions,
): Promise<InstalledPlugin[]> {
  const { standIns, source = officialSource } = options;
  const missing = providerPlugins.filter((plugin) => find(plugin, env) === undefined);
  const unreachable = missing.length === 0 ? undefined : await whyUnreachable(source);
  for (const plugin of missing) {
    const why = unreachable ?? (await install(pulumi, plugin, env, progress));
    if (why === undefined) continue;
    if (!standIns) throw notToBeHad(plugin, why);
    progress(`${plugin.name}: the stand-in, because ${why}`);
    await writeStandIn(plugin, env);
  }
  return providerPlugins.flatMap((plugin) => find(plugin, env) ?? []);
}

/** What the Pulumi home of `env` has, without getting anything. */
export function reportProviderPlugins(env: NodeJS.ProcessEnv): ToolReport[] {
  return providerPlugins.map((plugin) => {
    const { name, version } = plugin;
    const found = find(plugin, env);
    const report = { name: `plugin ${name}`, version };
    if (found === undefined) {
      return {
        ...report,
        status: "obtainable",
        from: "get.pulumi.com, else the stand-in in local/plugins",
        remedy: "`make up` gets it.",
      };
    }
    const { source, file } = found;
    return {
      ...report,
      status: "ready",
      from: source === "real" ? `the real one, ${file}` : `the stand-in in local/plugins/${name}`,
    };
  });
}

function directoryOf({ name, version }: ProviderPlugin, env: NodeJS.ProcessEnv): string {
  return join(pulumiHome(env), "plugins", `resource-${name}-v${version}`);
}

function pulumiHome(env: NodeJS.ProcessEnv): string {
  return env.PULUMI_HOME ?? join(env.HOME ?? homedir(), ".pulumi");
}

function find(plugin: ProviderPlugin, env: NodeJS.ProcessEnv): InstalledPlugin | undefined {
  const directory = directoryOf(plugin, env);
  const file = join(directory, `pulumi-resource-${plugin.name}`);
  // Pulumi leaves this beside the directory of an installation that was interrupted.
  if (!existsSync(file) || existsSync(`${directory}.partial`)) return undefined;
  const standIn = readFileSync(file).subarray(0, 1_000).includes(mark);
  return { ...plugin, source: standIn ? "stand-in" : "real", file };
}

/** One quick look, because the CLI itself tries for minutes where packets are dropped. */
async function whyUnreachable(source: string): Promise<string | undefined> {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: connectMs },
    headersTimeout: answerMs,
  });
  try {
    const { body } = await request(source, { dispatcher, method: "HEAD" });
    await body.dump();
    return undefined;
  } catch (error) {
    return `${new URL(source).host} is not reached (${messageOf(error)})`;
  } finally {
    await dispatcher.destroy();
  }
}

/** Undefined when it is installed, else why not. A download takes as long as it takes. */
async function install(
  pulumi: Pulumi,
  { name, version }: ProviderPlugin,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<string | undefined> {
  progress(`${name}: downloading ${version}`);
  const { failed, stderr, stdout } = await execa(
    pulumi.binary,
    ["plugin", "install", "resource", name, version, "--non-interactive", "--color", "never"],
    { env, extendEnv: false, reject: false, stdin: "ignore" },
  );
  const said = `${stdout}\n${stderr}`.trim().split("\n").at(-1) ?? "";
  return failed ? `Pulumi could not install it (${said})` : undefined;
}

/** Written aside and renamed: an interrupted run leaves no half plugin, and of two runs one wins. */
async function writeStandIn(plugin: ProviderPlugin, env: NodeJS.ProcessEnv): Promise<void> {
  const directory = directoryOf(plugin, env);
  await mkdir(join(directory, ".."), { recursive: true });
  const aside = await mkdtemp(join(pulumiHome(env), `stand-in-${plugin.name}-`));
  await writeFile(
    join(aside, `pulumi-resource-${plugin.name}`),
    `#!/bin/sh
# Stand-in for Pulumi's own plugin: hands over to the project that runs it.
exec node "\${${mark}:?run pulumi through make of aleo-ops}/${plugin.name}/plugin.ts" "$@"
`,
    { mode: 0o755 },
  );
  try {
    await rename(aside, directory);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (find(plugin, env) === undefined) throw error;
  }
}

function notToBeHad({ name, version }: ProviderPlugin, why: string): LocalError {
  return new LocalError(
    `Pulumi's provider plugin ${name} ${version} is not installed, and can't be got: ${why}.`,
    {
      remedy: `Install it where that host is reached: pulumi plugin install resource ${name} ${version}.`,
    },
  );
}
