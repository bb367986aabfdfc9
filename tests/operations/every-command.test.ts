import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import PQueue from "p-queue";
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
    writeFileSync(
      join(directory.path, "Pulumi.local.yaml"),
      [
        "config:",
        "  aleo-ops:network: local",
        `  aleo-ops:endpoints: ["${deadEndpoint}"]`,
        '  aleo-ops:maxFee: "100000000"',
        "  aleo-ops:programs:",
        "    - program: nothing_here.aleo",
        "",
      ].join("\n"),
    );
  });
  after(() => {
    directory.remove();
  });

  /** Without a terminal, a key or a receiver. */
  const run = (
    words: readonly string[],
    { endpoint = deadEndpoint, isReadNoMore = false } = {},
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
          BACKUP_STORE: join(directory.path, "backups"),
          MONITOR_DATABASE: join(directory.path, "monitor", `${String(words[0])}.sqlite`),
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

  it("ends with a clear line where there is no such program, and bears that nobody reads its JSON", async () => {
    report(
      await faultsOf(
        leaves.filter((leaf) => takes(leaf, "--json")),
        (leaf) => [...wordsFor(leaf), "--json"],
        { endpoint: devnode.url, isReadNoMore: true },
        ({ stderr }) => (stderr.includes("EPIPE") ? "stumbles over the closed pipe" : undefined),
      ),
    );
  });
});

/** Commands whose answer is the same on every network. */
const anyNetwork = new Set(["docs check", "security-scan"]);

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
