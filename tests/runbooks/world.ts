import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { PrivateKey } from "../../aleo/keys.ts";
import { connect } from "../../aleo/node/client.ts";
import { waitForOutcome } from "../../aleo/transaction/outcome.ts";
import { unprovenBuilder } from "../../aleo/transaction/unproven-builder.ts";
import { declarationOf } from "../../components/alerts/declaration.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { startDevnode } from "../../local/devnode.ts";
import { projectDirectory } from "../../local/paths.ts";
import { freePort } from "../../local/ports.ts";
import { severities } from "../../monitor/alert/severity.ts";
import { settingsFromFile } from "../../operations/stack-file.ts";
import { admin, alice, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import type { Call } from "../contracts/chain.ts";
import { uncheckedExecution } from "../contracts/unchecked-execution.ts";
import { startStandIn } from "../local/pagerduty/stand-in.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** What somebody on call has before them: the project, a network with programs at work, a pager. */
export interface World {
  /** A copy of the project, in which the commands are run. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  dispose(): Promise<void>;
}

const programs = [
  "agent_registry_v2.aleo",
  "trust_verifier_v2.aleo",
  "agent_registry_v3.aleo",
  "trust_verifier_v3.aleo",
];

/**
 * Starts all that the runbooks need: a devnode with the four programs, agents, a withdrawal that waits and
 * a rejected call; PagerDuty and a channel; the monitor, which watches them; a backup of each.
 */
export async function startWorld(): Promise<World> {
  const scratch = temporaryDirectory("runbooks");
  const directory = join(scratch.path, "project");
  const ends: (() => Promise<void> | void)[] = [
    () => {
      scratch.remove();
    },
  ];
  const dispose = async () => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    copyProject(directory);
    const [devnodePort, monitorPort] = await freePorts();
    const devnode = await startDevnode({
      directory: join(scratch.path, "ledger"),
      logFile: join(scratch.path, "devnode.log"),
      port: devnodePort,
    });
    ends.push(() => devnode.stop());
    const standIn = await startStandIn();
    ends.push(() => standIn.stop());
    const channel = await startChannel();
    ends.push(channel.close);
    pointAt(directory, devnode.url);
    const environment: NodeJS.ProcessEnv = {
      ...process.env,
      ...(await routingKeys(directory, standIn)),
      PATH: `${commandFolder(scratch.path)}:${process.env.PATH ?? ""}`,
      ALEO_NETWORK: "local",
      ALEO_NODE_URL: undefined,
      ALEO_PRIVATE_KEY: admin.privateKey,
      BACKUP_STORE: join(scratch.path, "backups"),
      KEY_FILE: join(scratch.path, "safe", "new.key"),
      PAGERDUTY_API_URL: standIn.url,
      PAGERDUTY_TOKEN: standIn.token,
      PAGERDUTY_EVENTS_URL: `${standIn.url}/v2/enqueue`,
      ALERT_WEBHOOK: channel.url,
      MONITOR_DATABASE: join(scratch.path, "monitor.sqlite"),
      MONITOR_PORT: String(monitorPort),
      MONITOR_URL: `http://127.0.0.1:${monitorPort}`,
      MONITORING_INTERVAL: "1",
      NO_COLOR: "1",
      // Some two hundred processes of the same code.
      NODE_COMPILE_CACHE: join(scratch.path, "compile-cache"),
    };
    await populate(devnode.url);
    const monitor = await startMonitor(directory, environment);
    ends.push(() => end(monitor));
    const aleoOps = (line: string) =>
      execFileSync("aleo-ops", line.split(" "), { cwd: directory, env: environment });
    // As the scheduled jobs do.
    aleoOps("backup --all");
    aleoOps("backups verify --newest --read-data");
    const listed = aleoOps("backups list --contract agent_registry_v2.aleo --json").toString();
    // What somebody takes from the list (runbooks/restore.md).
    environment.BACKUP = (JSON.parse(listed) as readonly { id: string }[])[0]?.id;
    return { directory, environment, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function freePorts(): Promise<[number, number]> {
  const first = await freePort();
  let second = await freePort();
  while (second === first) second = await freePort();
  return [first, second];
}

/** What git keeps, with what is not committed yet: the runbooks look at the project itself as well. */
function copyProject(directory: string): void {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: projectDirectory, maxBuffer: 64_000_000, encoding: "utf8" },
  );
  for (const file of new Set(listed.split("\0").filter((name) => name !== ""))) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    try {
      copyFileSync(join(projectDirectory, file), join(directory, file));
    } catch (error) {
      // Deleted, and still in git's list.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  symlinkSync(join(projectDirectory, "node_modules"), join(directory, "node_modules"));
}

/** The ledger alone, and no stack that is up: it holds no key and declares no cluster. */
function pointAt(directory: string, url: string): void {
  const file = join(directory, "Pulumi.local.yaml");
  const stack = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  stack.config["aleo-ops:endpoints"] = [url];
  delete stack.config["aleo-ops:privateKey"];
  delete stack.config["aleo-ops:cluster"];
  writeFileSync(file, stringify(stack));
}

/** A folder for PATH in which `aleo-ops` is the project's, run by this Node. */
function commandFolder(scratch: string): string {
  const folder = join(scratch, "bin");
  mkdirSync(folder);
  const command = join(folder, "aleo-ops");
  const cli = join(projectDirectory, "operations", "cli.ts");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(command, 0o755);
  return folder;
}

/** Declares in PagerDuty what the stack declares, as far as an alert needs it. */
async function routingKeys(
  directory: string,
  standIn: Awaited<ReturnType<typeof startStandIn>>,
): Promise<Record<string, string>> {
  const { escalation } = settingsFromFile("local", directory, {});
  if (escalation === undefined) throw new Error("Pulumi.local.yaml declares no escalation");
  const made = severities.map(async (severity) => {
    const { policy, service } = declarationOf(severity, { network: "local", ...escalation });
    const rules = (policy.rules as { escalationDelayInMinutes: number; targets: object[] }[]).map(
      ({ escalationDelayInMinutes, targets }) => ({
        escalation_delay_in_minutes: escalationDelayInMinutes,
        targets,
      }),
    );
    const { body } = await standIn.call<{ escalation_policy: { id: string } }>(
      "POST",
      "/escalation_policies",
      { escalation_policy: { name: policy.name, escalation_rules: rules } },
    );
    const { body: answer } = await standIn.call<{ service: { id: string } }>("POST", "/services", {
      service: { name: service.name, escalation_policy: { id: body.escalation_policy.id } },
    });
    const { body: integration } = await standIn.call<{ integration: { integration_key: string } }>(
      "POST",
      `/services/${answer.service.id}/integrations`,
      { integration: { name: "monitor", type: "events_api_v2_inbound_integration" } },
    );
    return [`PAGERDUTY_KEY_${severity.toUpperCase()}`, integration.integration.integration_key];
  });
  return Object.fromEntries(await Promise.all(made)) as Record<string, string>;
}

/** Takes what is sent to the team's channel. */
async function startChannel(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end("ok"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/channel`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function populate(url: string): Promise<void> {
  const node = connect({ network: "local", endpoints: [url] });
  const land = async (text: string, id: string, wanted: "accepted" | "rejected") => {
    await node.broadcast(text);
    const { status } = await waitForOutcome(node, id, 30_000);
    if (status !== wanted) throw new Error(`${id} is ${status}, not ${wanted}`);
  };
  const call = async (
    { by, program, function: functionName, inputs }: Call,
    wanted: "accepted" | "rejected",
  ) => {
    const { id, text } = await uncheckedExecution(
      by.privateKey,
      {
        ...{ programId: program, source: compiledProgram(program), edition: 0, imports: {} },
        ...{ functionName, inputs },
      },
      await node.stateRoot(),
    );
    await land(text, id, wanted);
  };
  try {
    const key = new PrivateKey(admin.privateKey, "tests/contracts/accounts.ts");
    const builder = unprovenBuilder(node, key, { devnode: true });
    for (const programId of programs) {
      const source = compiledProgram(programId);
      const { id, text } = await builder.deployment({
        ...{ programId, source, edition: 0, imports: {}, priorityFee: 0n },
      });
      await land(text, id, "accepted");
    }
    const registry = registryCalls("agent_registry_v2.aleo");
    await call(registry.register(alice, "1field", { stake: 3_000_000n }), "accepted");
    await call(registry.register(alice, "2field", { stake: 2_000_000n }), "accepted");
    await call(registry.request(alice, "1field", 500_000n), "accepted");
    // Its successor is empty: the runbook "restore" brings these over.
    for (const { verify } of [registry, registryCalls("agent_registry_v3.aleo")]) {
      await call(verify(stranger, "1field"), "rejected");
    }
  } finally {
    await node.close();
  }
}

async function startMonitor(directory: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const monitor = spawn(
    process.execPath,
    [join(projectDirectory, "operations", "cli.ts"), "monitor", "--from-block", "1"],
    { cwd: directory, env, stdio: ["ignore", "ignore", "pipe"] },
  );
  let complaint = "";
  monitor.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const url = `${env.MONITOR_URL ?? ""}/readyz`;
  for (let tries = 0; tries < 300; tries += 1) {
    if (monitor.exitCode !== null) throw new Error(`The monitor ended: ${complaint}`);
    const isReady = await fetch(url).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isReady) return monitor;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await end(monitor);
  throw new Error(`The monitor is not ready after 30 s: ${complaint}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
