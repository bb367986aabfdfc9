import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  GetBucketLifecycleConfigurationCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { developmentKey } from "../../local/development-account.ts";
import { clusterFiles, parts } from "../../local/kubernetes/files.ts";
import { localState, projectDirectory } from "../../local/paths.ts";
import { readRecord, waitForEnd } from "../../local/processes.ts";
import { driftSection } from "../../operations/report/sections/drift-section.ts";
import { createWholeProject, type WholeProject } from "./project.ts";

const bucket = "aleo-contract-backups-local";
const namespace = "aleo-ops";

/** What would pay at once, were the stack brought up as it was copied. */
const copied = ["up", "--yes", "--skip-preview"];

/** Puts what there is on this machine in the place of the examples of a public network. */
function fillIn(config: Record<string, unknown>): void {
  config.kubeContext = "aleo-ops-local";
  config.cluster = {
    ...(config.cluster as object),
    image: `ghcr.io/owner/aleo-ops:1.0.0@sha256:${"0a".repeat(32)}`,
    oidcProviderArn: "arn:aws:iam::210987654321:oidc-provider/oidc.example.org/id/0A",
  };
  config.escalation = {
    ...(config.escalation as object),
    ...{ onCall: { schedule: "PONCALL" }, teamLead: { user: "PLEAD01" } },
    ...{ cto: { user: "PCTO001" }, support: { user: "PSUPP01" } },
  };
}

interface Policies {
  readonly escalation_policies: readonly {
    readonly id: string;
    readonly name: string;
    readonly escalation_rules: readonly { escalation_delay_in_minutes: number }[];
  }[];
}

interface DriftDocument {
  readonly drift: boolean | null;
  readonly report?: { readonly resources: readonly { readonly name: string }[] };
}

/** A backend and a home of Pulumi's beside those of stack local, with the same plugins. */
function stackEnvironment(project: WholeProject): NodeJS.ProcessEnv {
  const { pulumiHome, directory } = localState(project.directory);
  const backend = join(directory, "others");
  mkdirSync(backend, { recursive: true });
  return {
    ...project.environment(),
    PULUMI_HOME: pulumiHome,
    PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: "test",
  };
}

/** The devnode under the name of another network: it serves its own under `/testnet` only. */
async function nodeOf(network: string, devnode: string) {
  const server = createServer((incoming, answer) => {
    const path = (incoming.url ?? "").replace(`/${network}/`, "/testnet/");
    const { method, headers } = incoming;
    const outgoing = request(`${devnode}${path}`, { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.once("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("the whole network local", function () {
  this.timeout(600_000);
  let project: WholeProject;

  before(async () => {
    project = await createWholeProject();
    project.configure("local", (config) => {
      config.schedules = { times: { backup: "* * * * *" } };
    });
  });
  after(() => project.dispose());

  const up = async (...args: string[]) =>
    JSON.parse(await project.must(["up", "--json", ...args])) as { changed: number };
  const drifted = async () => {
    const { code, stdout, stderr } = await project.run(["drift", "--json"]);
    assert.ok(code === 0 || code === 7, stdout + stderr);
    const { report } = JSON.parse(stdout) as DriftDocument;
    const names = (report?.resources ?? []).map(({ name }) => name).sort();
    const { lines } = await driftSection({ network: "local" }, project.directory);
    const inReports = lines.filter(({ verdict }) => verdict === "bad");
    assert.deepEqual(inReports.map(({ subject }) => subject).sort(), names);
    return { code, names };
  };
  const objects = async () =>
    ((await project.s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(
      ({ Key = "" }) => Key,
    );

  it("comes up from nothing with one command", async () => {
    const { changed } = await up();
    assert.ok(changed > 60, `${changed} resources`);
    const pods = await project.kubectl("get", "pods", "-n", namespace);
    assert.match(pods, /^monitor-0 +1\/1 +Running/m);
    const address = ["get", "pod", "monitor-0", "-n", namespace, "-o", "jsonpath={.status.podIP}"];
    const overview = await fetch(`http://${await project.kubectl(...address)}:8080/`);
    assert.equal(overview.status, 200);
    assert.match(await overview.text(), /trust_verifier_v3\.aleo/);
    const jobs = await project.kubectl("get", "cronjobs", "-n", namespace, "-o", "name");
    assert.equal(jobs.split("\n").length, 10);
  });

  it("sets a shell to the monitor in the cluster, whose alerts can be listed then", async () => {
    const lines = await project.must(["env"]);
    assert.match(lines, /^export PAGERDUTY_KEY_CRITICAL='\w+'$/m);
    const cli = join(projectDirectory, "operations", "cli.ts");
    const list = `${lines}\n'${process.execPath}' '${cli}' alerts list --json`;
    const { stdout } = await execa("bash", ["-euc", list], { cwd: project.directory });
    assert.ok(Array.isArray(JSON.parse(stdout)), stdout);
  });

  it("has nothing to do the second time", async () => {
    assert.equal((await up()).changed, 0);
    assert.deepEqual(await drifted(), { code: 0, names: [] });
  });

  it("puts a backup of each program into S3 by the clock", async () => {
    const manifests = async () => (await objects()).filter((key) => key.endsWith("manifest.json"));
    const programs = async () => new Set((await manifests()).map((key) => key.split("/")[0]));
    for (let second = 0; second < 150 && (await programs()).size < 4; second += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    assert.deepEqual([...(await programs())].sort(), [
      "agent_registry_v2.aleo",
      "agent_registry_v3.aleo",
      "trust_verifier_v2.aleo",
      "trust_verifier_v3.aleo",
    ]);
    const [job = ""] = (await project.kubectl("get", "jobs", "-n", namespace, "-o", "name"))
      .split("\n")
      .filter((name) => name.includes("/backup-"));
    await project.kubectl(
      "wait",
      "-n",
      namespace,
      "--for=condition=Complete",
      job,
      "--timeout=60s",
    );
  });

  it("changes what a changed setting asks for, in each component", async () => {
    project.configure("local", (config) => {
      config.schedules = { times: { backup: "7 * * * *" } };
      config.backups = { lockDays: 2 };
      const escalation = config.escalation as Record<string, unknown>;
      escalation.cto = { user: "PENGIN2" };
      config.programs = (config.programs as { program: string }[]).map(({ program }) =>
        program === "agent_registry_v3.aleo" ? { program, paused: true } : { program },
      );
      config.cluster = { ...(config.cluster as object), image: "aleo-ops:other" };
    });
    const shown = await project.must(["preview"]);
    for (const name of [
      "backups-lock",
      "alerts-critical-policy",
      "operations-backup",
      "monitor-stateful-set",
      "contracts-agent_registry_v3.aleo-paused",
    ]) {
      assert.match(shown, new RegExp(`::${name}\\]`), name);
    }
    await up();
    assert.equal((await up()).changed, 0);
    const images = ["get", "sts", "monitor", "-n", namespace, "-o", "jsonpath={..image}"];
    assert.equal(await project.kubectl(...images), "aleo-ops:other");
  });

  it("finds each thing that was changed by hand, by its name", async () => {
    const { s3 } = project;
    // AWS refuses it for a bucket with a lock, as the backups' own; the local S3 does not.
    for (const Bucket of [bucket, `${bucket}-logs`]) {
      const VersioningConfiguration = { Status: "Suspended" } as const;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    const lifecycle = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: bucket,
        LifecycleConfiguration: { Rules: lifecycle.Rules?.slice(1) ?? [] },
      }),
    );
    await project.kubectl("set", "env", "sts/monitor", "-n", namespace, "MONITOR_PORT=9090");
    await project.kubectl("delete", "cronjob", "health-check", "-n", namespace);
    const patch = JSON.stringify({ spec: { schedule: "1 2 3 * *" } });
    await project.kubectl("patch", "cronjob", "backup", "-n", namespace, "-p", patch);
    const { escalation_policies: policies } = await project.pagerDuty<Policies>(
      "GET",
      "/escalation_policies",
    );
    const critical = policies.find(({ name }) => /critical/i.test(name));
    assert.ok(critical);
    for (const rule of critical.escalation_rules) rule.escalation_delay_in_minutes = 60;
    await project.pagerDuty("PUT", `/escalation_policies/${critical.id}`, {
      escalation_policy: critical,
    });

    const { code, names } = await drifted();
    assert.equal(code, 7);
    assert.deepEqual(names, [
      "alerts-critical-policy",
      "backups-lifecycle",
      "backups-logs-versioning",
      "backups-versioning",
      "monitor-stateful-set",
      "operations-backup",
      "operations-health-check",
    ]);
  });

  it("is mended by an `up` that refreshes first", async () => {
    await project.must([
      "pulumi",
      "--",
      "up",
      "--refresh",
      "--yes",
      "--skip-preview",
      "--stack",
      "local",
    ]);
    assert.deepEqual(await drifted(), { code: 0, names: [] });
  });

  it("comes back with nothing lost when any of its processes is killed", async () => {
    const before = await objects();
    assert.ok(before.length > 0);
    const state = localState(project.directory);
    const cluster = clusterFiles(state.kubernetes);
    const records = [
      state.devnodeRecord,
      state.aws.record,
      state.pagerDuty.record,
      ...parts.map((part) => cluster.record(part)),
    ];
    for (const record of records) {
      const running = readRecord(record);
      assert.ok(running, `${record} runs`);
      process.kill(running.pid, "SIGKILL");
      assert.ok(await waitForEnd(running, 10_000));
    }
    assert.equal((await up()).changed, 0);
    assert.deepEqual(await drifted(), { code: 0, names: [] });
    const after = new Set(await objects());
    assert.deepEqual(
      before.filter((key) => !after.has(key)),
      [],
    );
  });

  it("is destroyed but for programs and locked backups, which are named, and comes up again", async () => {
    const { kept } = JSON.parse(await project.must(["destroy", "--json"])) as {
      kept: { id: string; type: string }[];
    };
    const ids = kept.map(({ id }) => id);
    assert.ok(ids.includes("local/agent_registry_v3.aleo"), ids.join());
    assert.ok(ids.includes(bucket), ids.join());
    assert.deepEqual([...new Set(kept.map(({ type }) => type.split(":")[0]))].sort(), [
      "aws",
      "pulumi-nodejs",
    ]);
    assert.ok((await objects()).length > 0);
    await assert.rejects(project.kubectl("get", "namespace", namespace), /not found/);
    await up();
    assert.equal((await up()).changed, 0);
  });

  for (const network of ["testnet", "mainnet"] as const) {
    it(`comes up as ${network} does, with nothing but addresses overridden and its examples filled in`, async () => {
      await project.must(["destroy"]);
      const node = await nodeOf(network, project.environment().ALEO_NODE_URL ?? "");
      const env = { ...stackEnvironment(project), ALEO_NODE_URL: node.url };
      try {
        await project.must(["pulumi", "--stack", network, "--", "stack", "init", network], env);
        const args = ["up", "--stack", network, "--yes", "--json"];
        // Nothing is declared before: no program is paid.
        const asCopied = await project.run(["pulumi", "--stack", network, "--", ...copied], env);
        assert.notEqual(asCopied.code, 0);
        assert.match(
          asCopied.stdout + asCopied.stderr,
          /still holds this repository's examples[^]*cluster\.image: [^]*kubeContext: [^]*PEXAMPLE1/,
        );
        assert.doesNotMatch(asCopied.stdout, /AleoProgram/);
        project.configure(network, (config) => {
          // The devnode is a ledger of testnet: nothing can be deployed to it as on mainnet.
          if (network === "mainnet") config.programs = [];
          fillIn(config);
        });
        const { changed, programs } = JSON.parse(await project.must(args, env)) as {
          changed: number;
          programs: readonly unknown[];
        };
        assert.ok(changed > 60, `${changed} resources`);
        assert.equal(programs.length, network === "mainnet" ? 0 : 4);
        const pods = await project.kubectl("get", "pods", "-n", `aleo-ops-${network}`);
        assert.match(pods, /^monitor-0 +1\/1 +Running/m);
        const again = JSON.parse(await project.must(args, env)) as { changed: number };
        assert.equal(again.changed, 0);
        await project.must(["destroy", "--stack", network, "--yes"], env);
      } finally {
        await node.close();
      }
    });
  }

  it("has the operating key rotated: on chain, in the stack and in the cluster", async () => {
    await project.must(["destroy"]);
    await up();
    const held = await keyInCluster();
    assert.equal(held, developmentKey);
    const file = join(localState(project.directory).directory, "next.key");
    const { stdout } = await execa(
      process.execPath,
      [
        join(projectDirectory, "operations", "cli.ts"),
        ...["rotate-keys", "--store", `file:${file}`, "--yes", "--network", "local"],
      ],
      {
        cwd: project.directory,
        env: { ALEO_PRIVATE_KEY: developmentKey, ...project.environment() },
        stdin: "ignore",
      },
    );
    assert.match(stdout, /✔ the cluster's Secret was replaced by `up`/);
    assert.match(stdout, /✔ the chain refused the old key at agent_registry_v3\.aleo\/offer_admin/);
    const fresh = readFileSync(file, "utf8").trim();
    assert.notEqual(fresh, developmentKey);
    assert.equal(await keyInCluster(), fresh);
    assert.equal((await up()).changed, 0);
  });

  /** What the scheduled operations that sign are given. */
  async function keyInCluster(): Promise<string> {
    const secrets = JSON.parse(
      await project.kubectl("get", "secrets", "-n", namespace, "-o", "json"),
    ) as { items: { data?: Record<string, string> }[] };
    const keys = secrets.items.flatMap(({ data }) => data?.ALEO_PRIVATE_KEY ?? []);
    assert.equal(keys.length, 1);
    return Buffer.from(keys[0] ?? "", "base64").toString("utf8");
  }

  it("comes up in a cluster of the user's own, and starts none, where its context is named", async () => {
    await project.must(["destroy"]);
    const state = localState(project.directory);
    const theirs = join(state.directory, "theirs.kubeconfig");
    const config = parse(readFileSync(clusterFiles(state.kubernetes).kubeconfig, "utf8")) as {
      contexts: { name: string }[];
      "current-context": string;
    };
    const [context] = config.contexts;
    assert.ok(context);
    context.name = "theirs";
    config["current-context"] = "none";
    writeFileSync(theirs, stringify(config));
    project.configure("local", (settings) => (settings.kubeContext = "theirs"));
    assert.equal(project.environment().KUBECONFIG, undefined);
    const env = { KUBECONFIG: theirs };
    await project.must(["up", "--json"], env);
    const pods = await project.kubectl("get", "pods", "-n", namespace);
    assert.match(pods, /^monitor-0 +1\/1 +Running/m);
    await project.must(["destroy"], env);
  });

  it("leaves nothing behind when it is reset", async () => {
    await project.must(["reset", "--yes"]);
    assert.equal(existsSync(join(project.directory, ".state", "local")), false);
  });
});
