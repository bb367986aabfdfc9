import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import PQueue from "p-queue";
import { pino } from "pino";
import { waitForOutcome } from "../../aleo/transaction/outcome.ts";
import { dashboardAccess } from "../../monitor/dashboard/access.ts";
import { startServer } from "../../monitor/http/server.ts";
import { fileOf, openIncident } from "../../operations/incident/timeline.ts";
import { Store } from "../../monitor/store/store.ts";
import { alice, stranger } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { uncheckedExecution } from "../contracts/unchecked-execution.ts";
import { type MonitorUnderTest, openMonitor } from "../monitor/support/monitor.ts";
import { everyCommand, type Leaf, wordsFor } from "./command-leaves.ts";
import { liveChain } from "./live-chain.ts";
import {
  open,
  type RefusingServer,
  Rights,
  secretToken,
  startRefusing,
  writeKubeconfig,
} from "./permission-places.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
const oldRegistry = "agent_registry_v2.aleo";
const registry = "agent_registry_v3.aleo";
const verifier = "trust_verifier_v3.aleo";
const rules = "rules:\n  paused: { kind: paused, severity: high }\n";
const tokenOfMonitor = "a token that is long enough";

/** Who refuses. */
type Place =
  /** The program: the key is neither its admin's nor its owner's. */
  | "chain"
  /** A node, or the proxy in front of it. */
  | "node"
  /** S3. */
  | "bucket"
  /** The folder with the backups. */
  | "folder"
  /** The folder with the monitor's database. */
  | "database"
  /** The monitor's database, which may be read. */
  | "written database"
  /** The monitor over HTTP, where the token is wrong. */
  | "monitor"
  /** PagerDuty. */
  | "pager"
  /** The API server of Kubernetes. */
  | "cluster"
  /** The folder into which the command writes. */
  | "files";

interface Row extends Partial<Record<Place, readonly string[]>> {
  /** Words that it takes in each place. */
  readonly words?: readonly string[];
}

/** What a refusal says, and the next step that it names. */
const refusals: Readonly<Record<Place, readonly [says: RegExp, remedy: RegExp]>> = {
  chain: [
    /admin .*aleo1|aleo1.* is not the admin|was sent by aleo1/,
    /ALEO_PRIVATE_KEY|with the key of its admin/,
  ],
  node: [/HTTP 403, Forbidden/, /let this machine in|Start it with `make up`|"remedy":/],
  bucket: [
    /s3:\/\/backups refuses .*Access Denied/,
    /the backup writer's to write, the backup reader's/,
  ],
  folder: [/closed\/backups can't be used: .*permission denied/, /Give this user the right/],
  database: [
    /closed\/monitor\.sqlite can't be used: (?:this user may not|unable to open)/,
    /Give this user the right|its folder can be written/,
  ],
  "written database": [
    /readable\.sqlite can't be (?:written|used)/,
    /right to write|can be written/,
  ],
  monitor: [
    /The monitor at 127\.0\.0\.1:\d+ refuses: That is not the monitor's token/,
    /MONITOR_TOKEN/,
  ],
  pager: [/PagerDuty refuses|refused.*HTTP 403|HTTP 403/, /PAGERDUTY_TOKEN|HTTP 403/],
  cluster: [
    /The cluster refuses kubectl get cronjob: .*cannot get resource/,
    /a role that may get cronjobs/,
  ],
  files: [
    /can't be (?:used|written).*permission denied/,
    /Give this user the right|Run it where|may write/,
  ],
};

const none: readonly string[] = [];
const sends = { chain: none, node: none, files: none };
const storeOnly = { bucket: none, folder: none };

/** Each command, and who may refuse it; what is written as {} needs nobody's permission. */
const table: Readonly<Record<string, Row>> = {
  "alerts check": {},
  "alerts setup": { words: ["--threshold-tx-fail-rate", "0.3"], node: none, files: none },
  // It writes as setup does.
  "alerts add-contract": { node: none },
  "alerts test": { database: none, monitor: none, pager: none },
  "alerts summary": { database: none },
  "alerts backtest": { node: none },
  "alerts list": { database: none },
  "alerts acknowledge": { database: none, "written database": none, monitor: none },
  "alerts silence": { database: none, "written database": none, monitor: none },
  "alerts silences": { database: none },
  "alerts unsilence": { database: none, "written database": none, monitor: none },
  "alerts accept": { database: none, "written database": none, monitor: none },
  audit: { words: ["--full"], node: none, ...storeOnly, files: ["--output", "CLOSED/audit"] },
  backup: { node: none, ...storeOnly },
  "backups list": storeOnly,
  "backups verify": storeOnly,
  "backups prune": storeOnly,
  completion: {},
  "contacts verify": { pager: none },
  dependencies: {},
  // What Pulumi does with the key comes after the backup.
  deploy: { words: ["--yes"], node: none, ...storeOnly },
  "deploy debug": { node: none },
  "verify-deployment": { node: none },
  // Whoever sends it pays for it.
  retry: { words: ["--yes"], node: none, files: none },
  "docs check": {},
  "drill restore": storeOnly,
  // They are played on a ledger made for them, in a folder of their own.
  "drill disaster": {},
  "drill exploit": {},
  "emergency snapshot": { node: none, ...storeOnly, files: ["--folder", "CLOSED/emergency"] },
  "emergency alert": { pager: none },
  // Anybody may deploy a program under a name that is free.
  "emergency clean-slate": { words: ["--yes"], node: none, files: none },
  // Anybody may give.
  fund: { words: ["--yes", "--at-most", "1"], node: none, files: none },
  "incident open": { files: none },
  "incident note": { files: none },
  "incident close": { files: none },
  "rotate-keys": {
    words: ["--yes", "--store", "file:CLOSED/key"],
    ...sends,
  },
  health: { node: none },
  node: { node: none },
  program: { node: none },
  balance: { node: none },
  activity: { node: none, database: none },
  fees: { node: none },
  transaction: { node: none },
  failures: { node: none, database: none },
  "maintenance start": { database: none, "written database": none, monitor: none, pager: none },
  "maintenance end": { database: none, "written database": none, monitor: none, pager: none },
  migrate: { words: ["--from", oldRegistry], ...sends },
  monitor: { node: none, database: none, "written database": none },
  pause: { words: [registry, "--yes"], ...sends },
  unpause: { words: [verifier, "--yes"], ...sends },
  reconstruct: { node: none, ...storeOnly, cluster: ["--kubernetes"] },
  "reconstruct-part": { node: none, ...storeOnly },
  "report daily": { node: none, ...storeOnly, database: none, files: ["--output", "CLOSED/daily"] },
  "report weekly": { database: none, files: ["--output", "CLOSED/weekly"] },
  restore: {
    words: ["--contract", oldRegistry],
    chain: ["--to", registry],
    node: ["--to", registry],
    bucket: ["--to", registry],
    folder: ["--to", registry],
    files: ["--to-folder", "CLOSED/restored"],
  },
  scheduled: {},
  "security-scan": { files: ["--sarif", "CLOSED/scan.sarif"] },
  "state diff": { node: none, ...storeOnly },
  "withdrawals check": { node: none },
  // Anybody may have the queue paid out.
  "withdrawals process": { node: none, files: none },
};

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

describe("A command without permission", function () {
  this.timeout(300_000);
  const rights = new Rights();
  // Before the chain's own end, which deletes its folder.
  after(() => {
    rights.giveBack();
  });
  const chain = liveChain();
  // Mostly they wait.
  const queue = new PQueue({ concurrency: 3 });
  let leaves: readonly Leaf[] = [];
  let refusing: RefusingServer;
  let watch: MonitorUnderTest;
  let server: Awaited<ReturnType<typeof startServer>>;
  let rejected = "";
  let backupId = "";

  const at = (...parts: string[]) => join(chain.directory, ...parts);

  before(async function () {
    this.timeout(300_000);
    leaves = await everyCommand();
    refusing = await startRefusing();
    await chain.deploy(alice, oldRegistry);
    await chain.deploy(alice, registry);
    await chain.deploy(alice, verifier);
    await chain.accepts(
      registryCalls(oldRegistry).register(alice, "1field"),
      callsOf(verifier)(alice, "pause"),
    );
    rejected = await rejectedCall();
    const backup = await chain.run(alice, [
      ...["backup", "--contract", oldRegistry, "--to", at("backups"), "--json"],
    ]);
    backupId = (JSON.parse(backup.stdout) as readonly { id: string }[])[0]?.id ?? "";
    watch = await openMonitor({ endpoints: [chain.url], programs: [], rules });
    server = await startServer(watch.monitor, {
      ...{ host: "127.0.0.1", port: 0, log: pino({ level: "silent" }), routes: [] },
      ...{ access: dashboardAccess({ MONITOR_TOKEN: tokenOfMonitor }), rules: () => [] },
    });
    writeWorld();
  });
  after(async () => {
    await server.close();
    await watch.close();
    await refusing.close();
  });

  /** Nobody has offered it: costs its fee. */
  const rejectedCall = async () => {
    const source = (await chain.node.programSource(registry)) ?? "";
    const { id, text } = await uncheckedExecution(
      alice.privateKey,
      {
        ...{ programId: registry, source, edition: 0, imports: {} },
        ...{ functionName: "accept_admin", inputs: [] },
      },
      await chain.node.stateRoot(),
    );
    await chain.node.broadcast(text);
    assert.equal((await waitForOutcome(chain.node, id, 30_000)).status, "rejected");
    return id;
  };

  /** What the children find: all of it can be read, and nothing be written. */
  const writeWorld = () => {
    chmodSync(chain.directory, 0o755);
    const person = "{user: P1}";
    for (const [folder, url] of [
      ["project", chain.url],
      ["behind-a-proxy", refusing.url],
      ["unreadable", chain.url],
      ["unwritable", chain.url],
    ] as const) {
      writeFileSync(
        join(open(at(folder)), "Pulumi.local.yaml"),
        `config:
  aleo-ops:network: local
  aleo-ops:endpoints: ["${url}"]
  aleo-ops:maxFee: "100000000"
  aleo-ops:kubeContext: refusing
  aleo-ops:cluster: {namespace: aleo-ops, image: none}
  aleo-ops:escalation:
    {onCall: ${person}, teamLead: ${person}, cto: ${person}, support: ${person},
     supportHours: {timeZone: UTC, days: [1], from: "09:00", to: "17:00"}}
  aleo-ops:programs:
    - program: ${oldRegistry}
    - program: ${registry}
`,
      );
    }
    writeKubeconfig(at("kubeconfig"), refusing.url);
    Store.open(at("readable.sqlite"), "local").close();
    const incident = openIncident(at("unwritable"), {
      ...{ network: "local", severity: "low", title: "a test", now: Date.now(), by: "a test" },
    });
    const rulesFile = join(open(at("rules")), "local.yaml");
    writeFileSync(rulesFile, rules);
    rights.closedFolder(at("closed"));
    rights.take(at("unreadable", "Pulumi.local.yaml"), "all");
    for (const path of ["readable.sqlite", "rules", "unwritable"]) rights.take(at(path), "writing");
    for (const path of ["incidents", fileOf(incident.id)]) {
      rights.take(at("unwritable", path), "writing");
    }
  };

  const environmentIn = (place: Place | undefined): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: at("project"),
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "", ".cache"),
    ALEO_PRIVATE_KEY: (place === "chain" ? stranger : alice).privateKey,
    KUBECONFIG: at("kubeconfig"),
    AWS_ACCESS_KEY_ID: "somebody",
    AWS_SECRET_ACCESS_KEY: secretToken,
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: refusing.url,
    AWS_EC2_METADATA_DISABLED: "true",
    PAGERDUTY_TOKEN: secretToken,
    PAGERDUTY_API_URL: `${refusing.url}/pagerduty`,
    PAGERDUTY_KEY_CRITICAL: secretToken,
    PAGERDUTY_KEY_HIGH: secretToken,
    PAGERDUTY_EVENTS_URL: `${refusing.url}/pagerduty/v2/enqueue`,
    MONITOR_PORT: "0",
    MONITOR_RULES: at("rules"),
    BACKUP_STORE: at("backups"),
    ...(place === "bucket" && { BACKUP_STORE: "s3://backups" }),
    ...(place === "folder" && { BACKUP_STORE: at("closed", "backups") }),
    ...(place === "monitor"
      ? { MONITOR_URL: server.address, MONITOR_TOKEN: secretToken }
      : {
          MONITOR_DATABASE: at(
            ...(place === "database"
              ? ["closed", "monitor.sqlite"]
              : place === "written database"
                ? ["readable.sqlite"]
                : [`none-${place ?? ""}.sqlite`]),
          ),
        }),
  });

  const run = (place: Place | undefined, folder: string, words: readonly string[]) =>
    new Promise<Ended>((resolve, reject) => {
      const child = spawn(process.execPath, [cli, ...words], {
        ...{ cwd: at(folder), env: environmentIn(place), ...(asOther.has(place) && rights.user) },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
      }
      // A monitor goes on.
      const interrupt = setTimeout(
        () => child.kill("SIGINT"),
        words[0] === "monitor" ? 5_000 : 60_000,
      );
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(interrupt);
        resolve({ code, said });
      });
    });

  const wordsIn = (leaf: Leaf, place: Place | undefined): string[] => {
    const { words = [], ...row } = table[leaf.name] ?? {};
    const usual = wordsFor(leaf).map((word, index, all) => {
      if (leaf.name === "state diff") return index === 2 ? backupId : index === 3 ? "latest" : word;
      if (all[index - 1] === "--backup-id") return backupId;
      if (word.startsWith("at1")) return rejected;
      return word === "nothing_here.aleo" ? registry : word;
    });
    const program = leaf.name === "state diff" ? ["--program", oldRegistry] : [];
    return [
      ...usual,
      ...program,
      ...words,
      ...((place === undefined ? row.files : row[place]) ?? []),
    ].map((word) => word.replace("CLOSED", at("closed")));
  };

  const faultsOf = async (
    wanted: readonly Leaf[],
    place: Place | undefined,
    folder: string,
    [says, remedy]: readonly [RegExp, RegExp],
  ) => {
    const found = await Promise.all(
      wanted.map((leaf) =>
        queue.add(async () => {
          const words = wordsIn(leaf, place);
          const { code, said } = await run(place, folder, words);
          const wrong = [
            [/\n {4}at \S+/.test(said), "shows the stack of an error"],
            [said.includes(secretToken) || said.includes("APrivateKey1zkp"), "shows a secret"],
            [!says.test(said), `does not say ${String(says)}`],
            [!remedy.test(said), `does not say what to do, ${String(remedy)}`],
            [code !== codeIn(leaf.name, place), "ends with a wrong code"],
          ].flatMap(([isWrong, what]) => (isWrong === true ? [what] : []));
          return wrong.length === 0
            ? []
            : [
                `${words.join(" ")}: ${wrong.join(", ")} (code ${String(code)})\n${said.slice(0, 1_500)}`,
              ];
        }),
      ),
    );
    assert.equal(found.flat().join("\n\n"), "");
  };

  const balances = () =>
    Promise.all([alice, stranger].map(({ address }) => chain.node.balance(address)));

  it("is in the table, whichever it is", () => {
    assert.deepEqual(
      leaves.map(({ name }) => name).toSorted(),
      Object.keys(table).toSorted(),
      "a new command needs a row: who may refuse it?",
    );
  });

  it("says which file of the stack it may not read", async () => {
    const reads = leaves.filter(
      ({ name, command }) =>
        command.options.some(({ long }) => long === "--network") && !readsNoStack.has(name),
    );
    await faultsOf(reads, undefined, "unreadable", [
      /Pulumi\.local\.yaml can't be used: this user may not/,
      /Give this user the right/,
    ]);
  });

  for (const place of Object.keys(refusals) as Place[]) {
    it(`tells what was refused, and what to do: ${place}`, async () => {
      const before = await balances();
      const wanted = leaves.filter(({ name }) => table[name]?.[place] !== undefined);
      assert.ok(wanted.length > 0);
      const folder = folders[place] ?? "project";
      await faultsOf(wanted, place, folder, refusals[place]);
      assert.deepEqual(await balances(), before, "something was paid");
    });
  }
});

/** Commands that look at a folder, whatever the network. */
const readsNoStack = new Set(["docs check", "incident note", "incident close", "scheduled"]);

/** 1 but for these: what can't be looked at is told, and is not bad by itself; a part is done. */
const otherCodes: Readonly<Record<string, Partial<Record<Place, number>>>> = {
  // No drill, and so bad, wherever the rest can't be looked at.
  audit: { node: 3, bucket: 3, folder: 3 },
  "emergency snapshot": { bucket: 4 },
  // It goes on until it is told to end.
  monitor: { node: 0 },
  "report daily": { node: 3, bucket: 0, folder: 0, database: 0 },
};

function codeIn(name: string, place: Place | undefined): number {
  return (place === undefined ? undefined : otherCodes[name]?.[place]) ?? 1;
}

/** Where it is run; in `project` else. */
const folders: Partial<Record<Place, string>> = { node: "behind-a-proxy", files: "unwritable" };

/** In these the system refuses, and it refuses root nothing. */
const asOther = new Set<Place | undefined>([
  ...([undefined, "folder", "database", "written database", "files"] as const),
]);
