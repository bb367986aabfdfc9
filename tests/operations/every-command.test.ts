import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import PQueue from "p-queue";
import { devnodeKey } from "../../aleo/transaction/devnode.ts";
import { stranger } from "../contracts/accounts.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { everyCommand, type Leaf, wordsFor } from "./command-leaves.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
/** Nothing listens there. */
const deadEndpoint = "http://127.0.0.1:1";
/** What runs longer is told to end by Ctrl-C, as a person would. */
const patienceMs = 5_000;
/** How long it may take after that. */
const graceMs = 10_000;

interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly wasInterrupted: boolean;
}

describe("every command of aleo-ops", function () {
  this.timeout(240_000);
  const devnode = scratchDevnode();
  const directory = temporaryDirectory("every-command");
  // Mostly they wait.
  const queue = new PQueue({ concurrency: 4 });
  let leaves: readonly Leaf[] = [];

  before(async () => {
    leaves = await everyCommand();
    for (const network of ["local", "testnet", "mainnet"]) {
      writeFileSync(
        join(directory.path, `Pulumi.${network}.yaml`),
        [
          "config:",
          `  aleo-ops:network: ${network}`,
          `  aleo-ops:endpoints: ["${deadEndpoint}"]`,
          '  aleo-ops:maxFee: "100000000"',
          "  aleo-ops:programs:",
          "    - program: nothing_here.aleo",
          "  aleo-ops:escalation: {onCall: {user: P1}, teamLead: {user: P1}, cto: {user: P1}, support: {user: P1},",
          '    supportHours: {timeZone: UTC, days: [1], from: "09:00", to: "17:00"}}',
          "",
        ].join("\n"),
      );
    }
  });
  after(() => {
    directory.remove();
  });

  /** Without a terminal or a receiver; without a key as well, unless one is given. */
  const run = (
    words: readonly string[],
    { endpoint = deadEndpoint, isReadNoMore = false, key = undefined as string | undefined } = {},
  ): Promise<Run> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [cli, ...words], {
        cwd: directory.path,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env.PATH,
          HOME: directory.path,
          XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "", ".cache"),
          ALEO_NODE_URL: endpoint,
          ...(key !== undefined && { ALEO_PRIVATE_KEY: key }),
          BACKUP_STORE: join(directory.path, "backups"),
          MONITOR_DATABASE: join(directory.path, "monitor", `${words.join("-")}.sqlite`),
          MONITOR_PORT: "0",
          AWS_EC2_METADATA_DISABLED: "true",
        },
      });
      let stdout = "";
      let stderr = "";
      let wasInterrupted = false;
      if (isReadNoMore) child.stdout.destroy();
      else child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const interrupt = setTimeout(() => {
        wasInterrupted = true;
        child.kill("SIGINT");
      }, patienceMs);
      const giveUp = setTimeout(() => {
        child.kill("SIGKILL");
      }, patienceMs + graceMs);
      child.on("error", reject);
      child.on("close", (code, signal) => {
        clearTimeout(interrupt);
        clearTimeout(giveUp);
        resolve({ code, signal, stdout, stderr, wasInterrupted });
      });
    });

  /** Runs all of them and gives those of which something is wrong, with what it is. */
  const faultsOf = async (
    wanted: readonly Leaf[],
    words: (leaf: Leaf) => readonly string[],
    options: Parameters<typeof run>[1],
    faultIn: (run: Run, leaf: Leaf) => string | undefined,
  ): Promise<string[]> => {
    const found = await Promise.all(
      wanted.map((leaf) =>
        queue.add(async () => {
          const ended = await run(words(leaf), options);
          const fault = generalFault(ended, options?.isReadNoMore !== true) ?? faultIn(ended, leaf);
          return fault === undefined
            ? []
            : [
                `${words(leaf).join(" ")}: ${fault} (code ${String(ended.code)}, ${String(ended.signal)})\n${ended.stdout}${ended.stderr}`,
              ];
        }),
      ),
    );
    return found.flat();
  };
  const report = (faults: readonly string[]) => {
    assert.equal(faults.join("\n\n"), "");
  };
  const takes = ({ command }: Leaf, option: string) =>
    command.options.some(({ long }) => long === option);
  /** As far as it gets where nobody can be asked, with a program of the project that is on no chain. */
  const agreed = (leaf: Leaf) => [
    ...wordsFor(leaf).map((word) => (word === "nothing_here.aleo" ? program : word)),
    ...leaf.command.registeredArguments.flatMap((argument) =>
      !argument.required && argument.name() === "program" ? [program] : [],
    ),
    ...(takes(leaf, "--yes") ? ["--yes"] : []),
    ...(takes(leaf, "--at-most") ? ["--at-most", "1"] : []),
    ...(furtherWords[leaf.name] ?? []),
  ];

  it("is on the command line, and has a description and an example", async () => {
    assert.ok(leaves.length > 40, `only ${leaves.length} were found`);
    for (const { name, command } of leaves) {
      assert.notEqual(command.description(), "", name);
      if (name === "completion") continue;
      let help = "";
      command.configureOutput({ writeOut: (part) => (help += part) }).outputHelp();
      assert.match(help, /\nExample(s)?:\n {2}aleo-ops /, name);
    }
    const { stdout } = await run(["--help"]);
    for (const { name } of leaves) {
      const [first = ""] = name.split(" ");
      assert.match(
        stdout,
        new RegExp(`^ {2}${first}\\b`, "m"),
        `${first} is not on the command line`,
      );
    }
  });

  it("refuses a network that there is not", async () => {
    const refusals: string[] = [];
    report(
      await faultsOf(
        leaves.filter((leaf) => takes(leaf, "--network") && !anyNetwork.has(leaf.name)),
        (leaf) => [...wordsFor(leaf), "--network", "mainnot"],
        {},
        ({ code, stderr }, { name }) => {
          if (stderr.includes('There is no network "mainnot"')) refusals.push(name);
          // Something else may be wrong before: no terminal to ask at, no incident, no such file.
          return (code === 1 || code === 2) && stderr.includes("error: ")
            ? undefined
            : "takes a network that there is not";
        },
      ),
    );
    assert.ok(refusals.length > leaves.length / 2, refusals.join(", "));
  });

  it("ends with a clear line where the node is away, or waits for it until Ctrl-C", async () => {
    report(await faultsOf(leaves, wordsFor, {}, () => undefined));
  });

  it("says that the node is of another network", async () => {
    report(
      await faultsOf(
        leaves.filter(({ name }) => !asksNoNode.has(name)),
        (leaf) => [...agreed(leaf), "--network", "mainnet"],
        { endpoint: devnode.url, key: stranger.privateKey },
        ({ code, stdout, stderr }, { name }) =>
          code === (codeOfAnotherNetwork[name] ?? 1) &&
          (stdout + stderr).includes("serves testnet, not mainnet")
            ? undefined
            : "does not say that the node is of another network",
      ),
    );
  });

  it("says that there is no key, or no token", async () => {
    const wanted = leaves.filter(({ name }) => withoutCredentials[name] !== undefined);
    assert.equal(wanted.length, Object.keys(withoutCredentials).length);
    report(
      await faultsOf(wanted, agreed, { endpoint: devnode.url }, ({ code, stderr }, { name }) =>
        code === 1 && withoutCredentials[name]?.test(stderr) === true
          ? undefined
          : "does not say what is missing",
      ),
    );
  });

  it("says that there is no such program", async () => {
    report(
      await faultsOf(
        leaves.filter((leaf) => agreed(leaf).includes(program) && !bearsNoProgram.has(leaf.name)),
        agreed,
        { endpoint: devnode.url, key: stranger.privateKey },
        ({ code, stdout, stderr }) =>
          code !== 0 && isMissing.test(stdout + stderr)
            ? undefined
            : "does not say that there is no such program",
      ),
    );
  });

  it("bears that nobody reads its JSON", async () => {
    report(
      await faultsOf(
        leaves.filter((leaf) => takes(leaf, "--json")),
        (leaf) => [...wordsFor(leaf), "--json"],
        { endpoint: devnode.url, isReadNoMore: true },
        ({ stderr }) =>
          stderr.includes("EPIPE")
            ? "stumbles over the closed pipe"
            : stderr.includes("Did you mean nothing_here.aleo?")
              ? "proposes what it was given"
              : undefined,
      ),
    );
  });

  it("acts on no devnode that goes by another network's name, nor with its key", async () => {
    const pause = ["pause", "nothing_here.aleo", "--yes", "--network", "testnet"];
    const elsewhere = await run(pause, { endpoint: devnode.url, key: stranger.privateKey });
    assert.equal(elsewhere.code, 1);
    assert.match(
      elsewhere.stderr,
      /127\.0\.0\.1:\d+ is a devnode, and not testnet\..*open a new one/s,
    );
    const words = ["withdrawals", "process", "--contract", "nothing_here.aleo"];
    const options = { endpoint: devnode.url, key: devnodeKey };
    const withItsKey = await run([...words, "--network", "testnet"], options);
    assert.equal(withItsKey.code, 1);
    assert.match(withItsKey.stderr, /The private key is the devnode's.*not for testnet/s);
    assert.doesNotMatch((await run(words, options)).stderr, /devnode/);
  });
});

/** Commands whose answer is the same on every network. */
const anyNetwork = new Set(["docs check", "security-scan"]);

/** It is in contracts/, and nobody has deployed it. */
const program = "agent_registry_v3.aleo";
const isMissing =
  /agent_registry_v3\.aleo[^\n]* is not (?:deployed )?on local|it is not on local|no (?:program|backup of|good backup of) agent_registry_v3\.aleo/;

const furtherWords: Readonly<Record<string, readonly string[]>> = {
  migrate: ["--from", "agent_registry_v2.aleo", "--to", program],
  "rotate-keys": ["--store", "file:new.key"],
  "state diff": ["--program", program],
};

/** Commands that ask no node, or that look at a backup or the monitor before. */
const asksNoNode = new Set([
  ...["alerts accept", "alerts acknowledge", "alerts check", "alerts list", "alerts silence"],
  ...["alerts silences", "alerts summary", "alerts test", "alerts unsilence"],
  ...["backups list", "backups prune", "backups verify", "completion", "contacts verify"],
  ...["docs check", "drill disaster", "drill exploit", "drill restore", "emergency alert"],
  ...["incident close", "incident note", "incident open", "maintenance end", "maintenance start"],
  ...["report weekly", "restore", "scheduled", "security-scan"],
]);

/** 1 but for these: they tell what could not be looked at, and go on. */
const codeOfAnotherNetwork: Readonly<Record<string, number>> = {
  audit: 3,
  dependencies: 0,
  monitor: 0,
  "report daily": 3,
};

/** What is said where a key or a token is needed and not there. */
const noKey = /There is no private key/;
const withoutCredentials: Readonly<Record<string, RegExp>> = {
  "contacts verify": /PAGERDUTY_TOKEN is not set/,
  "emergency clean-slate": noKey,
  fund: noKey,
  pause: noKey,
  retry: noKey,
  "rotate-keys": noKey,
  unpause: noKey,
  "withdrawals process": noKey,
};

/** Commands to which it is no fault that a program is not deployed, or that look at something else before. */
const bearsNoProgram = new Set([
  ...["alerts accept", "backups list", "backups prune", "deploy debug", "emergency clean-slate"],
  ...["restore", "scheduled"],
]);

const known = [0, 1, 2, 3, 4];

/** What no command may do, whatever it is. */
function generalFault(
  { code, signal, stdout, stderr, wasInterrupted }: Run,
  isRead: boolean,
): string | undefined {
  if (signal === "SIGKILL") return "did not end after Ctrl-C";
  if (signal !== null && !wasInterrupted) return `was ended by ${signal}`;
  if (/\n {4}at \S+/.test(stdout + stderr)) return "shows the stack of an error";
  if (signal !== null || wasInterrupted) return undefined;
  if (code === null || !known.includes(code)) return "ends with a code that means nothing";
  if (code === 0) return undefined;
  if (isRead && stderr === "" && stdout === "") return "fails without a word";
  if (stderr.startsWith("error: ") && code === 1 && !/What to do: \S/.test(stderr)) {
    return "does not say what to do";
  }
  return undefined;
}
