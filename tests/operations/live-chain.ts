import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { PrivateKey } from "../../aleo/keys.ts";
import { connect, type NodeClient } from "../../aleo/node/client.ts";
import { Journal } from "../../aleo/transaction/journal.ts";
import { waitForOutcome } from "../../aleo/transaction/outcome.ts";
import { unprovenBuilder } from "../../aleo/transaction/unproven-builder.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { type Account as Payer, operatingAccount } from "../../operations/account.ts";
import { settingsFromFile } from "../../operations/stack-file.ts";
import type { Account } from "../contracts/accounts.ts";
import type { Call } from "../contracts/chain.ts";
import { uncheckedExecution } from "../contracts/unchecked-execution.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
const freezeAt = import.meta.resolve("../support/freeze-at.ts");

/** A chain that makes its blocks by itself, and a directory in which aleo-ops is run on it. */
export interface LiveChain {
  readonly node: NodeClient;
  readonly url: string;
  readonly directory: string;
  deploy(by: Account, programId: string, source?: string): Promise<void>;
  /** Sends the calls one after the other, and asserts that each is accepted. */
  accepts(...calls: Call[]): Promise<void>;
  /** An account as an operation has it, with the journal of `directory`. */
  payer(by: Account): Payer;
  run(by: Account, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult>;
  /** Runs it and kills it with SIGKILL when it reaches the step (see freeze-at.ts). */
  killAt(
    step: string,
    by: Account,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<void>;
  /** Accepted calls of a function since the genesis. */
  acceptedCalls(program: string, functionName: string): Promise<number>;
}

interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** For the tests of one `describe`: call it in its body. */
export function liveChain(): LiveChain {
  const devnode = scratchDevnode();
  const directory = temporaryDirectory("operations");
  let node: NodeClient | undefined;
  const client = () => (node ??= connect({ network: "local", endpoints: [devnode.url] }));

  before(() => {
    writeFileSync(
      join(directory.path, "Pulumi.local.yaml"),
      `config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["${devnode.url}"]\n  aleo-ops:maxFee: "100000000"\n  aleo-ops:confirmationTimeoutSeconds: "30"\n`,
    );
    mkdirSync(join(directory.path, "frozen"));
  });
  after(async () => {
    await node?.close();
    directory.remove();
  });

  const land = async (text: string, id: string, what: string) => {
    await client().broadcast(text);
    const { status } = await waitForOutcome(client(), id, 30_000);
    assert.equal(status, "accepted", what);
  };
  const environmentOf = (by: Account, env: NodeJS.ProcessEnv) => ({
    ALEO_PRIVATE_KEY: by.privateKey,
    ALEO_NODE_URL: undefined,
    ALEO_NETWORK: undefined,
    BACKUP_STORE: undefined,
    ...env,
  });
  const run = async (by: Account, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
      cwd: directory.path,
      env: environmentOf(by, env),
      reject: false,
    });
    return { code: exitCode ?? -1, stdout, stderr };
  };

  let frozen = 0;
  return {
    get node() {
      return client();
    },
    get url() {
      return devnode.url;
    },
    directory: directory.path,
    deploy: async (by, programId, source = compiledProgram(programId)) => {
      const key = new PrivateKey(by.privateKey, "tests/contracts/accounts.ts");
      const transaction = await unprovenBuilder(client(), key, { devnode: true }).deployment({
        programId,
        source,
        edition: 0,
        imports: {},
        priorityFee: 0n,
      });
      await land(transaction.text, transaction.id, programId);
    },
    accepts: async (...calls) => {
      for (const call of calls) {
        const source = await client().programSource(call.program);
        assert.ok(source !== undefined, `${call.program} is not deployed`);
        const { id, text } = await uncheckedExecution(
          call.by.privateKey,
          {
            programId: call.program,
            source,
            edition: 0,
            imports: {},
            functionName: call.function,
            inputs: call.inputs,
          },
          await client().stateRoot(),
        );
        await land(text, id, call.function);
      }
    },
    payer: (by) => {
      const settings = settingsFromFile("local", directory.path, {});
      const environment = { ALEO_PRIVATE_KEY: by.privateKey };
      const payer = operatingAccount(settings, client(), environment, "a test");
      return {
        ...payer,
        journal: new Journal(join(directory.path, ".state", "journal"), "local"),
      };
    },
    run,
    killAt: async (step, by, args, env = {}) => {
      const marker = join(directory.path, "frozen", String(++frozen));
      const child = execa(process.execPath, [cli, ...args], {
        cwd: directory.path,
        env: environmentOf(by, {
          ...env,
          FREEZE_AT: step,
          FREEZE_MARKER: marker,
          NODE_OPTIONS: `--import=${freezeAt}`,
        }),
        reject: false,
      });
      const ended = child.then(({ exitCode, stdout, stderr }) => {
        throw new Error(`ended with ${String(exitCode)} before ${step}: ${stdout}${stderr}`);
      });
      await Promise.race([ended, appears(marker)]);
      ended.catch(() => undefined);
      child.kill("SIGKILL");
      await child;
    },
    acceptedCalls: async (program, functionName) => {
      const blocks = await client().blocks(0, (await client().latestHeight()) + 1);
      return blocks
        .flatMap(({ transactions }) => transactions)
        .filter(({ status, transaction }) => {
          const text = JSON.stringify(transaction.execution ?? {});
          return (
            status === "accepted" &&
            text.includes(`"program":"${program}","function":"${functionName}"`)
          );
        }).length;
    },
  };
}

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 50));
}
