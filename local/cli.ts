import { Command, InvalidArgumentError } from "commander";
import type { BackendOptions } from "./commands/backend.ts";
import { contextOf } from "./commands/context.ts";
import { destroy } from "./commands/destroy.ts";
import { doctor } from "./commands/doctor.ts";
import { down } from "./commands/down.ts";
import { drift, type DriftOptions } from "./commands/drift.ts";
import { commentOnPullRequest, type CommentOptions } from "./commands/pr-comment.ts";
import { kubectl } from "./commands/kubectl.ts";
import { preview, type PreviewOptions } from "./commands/preview.ts";
import { pulumi } from "./commands/pulumi.ts";
import { reset } from "./commands/reset.ts";
import { tools } from "./commands/tools.ts";
import { up } from "./commands/up.ts";
import { LocalError } from "./errors.ts";

const defaultPort = 3030;

interface Options {
  readonly stack: string;
  readonly port: number;
  readonly json?: boolean;
  readonly yes?: boolean;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError("A port is a whole number from 1 to 65535.");
  }
  return port;
}

function parseNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("That is no number.");
  return Number(text);
}

const context = (options: { readonly json?: boolean }) =>
  contextOf(process.cwd(), process.env, options.json === true);

const program = new Command("local")
  .description("The local network and the stacks: what the Makefile's targets run.")
  .showHelpAfterError();

const command = (name: string, description: string) =>
  program.command(name).description(description);
const onStack = (name: string, description: string) =>
  command(name, description)
    .option("--stack <name>", "the stack: local, testnet or mainnet", "local")
    .option("--json", "print one JSON document on standard output");

onStack("up", "bring a network to what the project declares")
  .option("--port <number>", "the devnode's port (stack local)", parsePort, defaultPort)
  .option("--yes", "do not ask on other stacks than local: for workflows")
  .action(async (options: Options) => {
    process.exitCode = await up(context(options), options);
  });

command("preview", "show what `up` would change, and what it costs")
  .option("--stack <name>", "the stack: local, testnet or mainnet", "local")
  .option("--summary-file <file>", "write a summary for a pull request, in Markdown")
  .action(async (options: PreviewOptions) => {
    process.exitCode = await preview(context({}), options);
  });

command("pr-comment", "show a stack's preview as a comment of a pull request, edited by the next")
  .requiredOption("--stack <name>", "the stack: testnet or mainnet")
  .requiredOption("--pull-request <number>", "its number", parseNumber)
  .requiredOption("--summary-file <file>", "what `preview --summary-file` wrote")
  .action(async (options: CommentOptions) => {
    const { env } = context({});
    process.stdout.write(`${await commentOnPullRequest(options, env)}\n`);
  });

command("approval", "refuse where an environment on GitHub lets a job in that nobody approved")
  .requiredOption("--environment <name>", "the environment, as mainnet")
  .action(async ({ environment }: { readonly environment: string }) => {
    const { requireApproval } = await import("./commands/approval.ts");
    process.stdout.write(`${await requireApproval(environment, context({}).env)}\n`);
  });

onStack("drift", "compare the network with the stack: exit code 7 for drift")
  .option("--report", "keep an issue about it on GitHub, and page whom its severity asks for")
  .action(async (options: Options & DriftOptions) => {
    process.exitCode = await drift(context(options), options);
  });

command(
  "pulumi",
  "run the pinned Pulumi CLI on a stack, with the environment of the commands above",
)
  .option("--stack <name>", "the stack: local, testnet or mainnet", "local")
  .argument("<arguments...>", "what to pass on, after `--`")
  .action(async (args: string[], options: Options) => {
    process.exitCode = await pulumi(context(options), options.stack, args);
  });

command("kubectl", "run kubectl on the local Kubernetes")
  .argument("<arguments...>", "what to pass on, after `--`")
  .action(async (args: string[]) => {
    process.exitCode = await kubectl(context({}), args);
  });

onStack("destroy", "delete what a stack declares, but programs and backups, which it names")
  .option("--yes", "do not ask on other stacks than local")
  .action(async (options: Options) => {
    process.exitCode = await destroy(context(options), options);
  });

command("backend", "make what a public network's stack keeps its state and secrets in, on AWS")
  .requiredOption("--stack <name>", "the stack: testnet or mainnet")
  .option("--bucket <name>", "the bucket's name, where it is not to be the usual one")
  .action(async (options: BackendOptions) => {
    const { backendText, makeBackend } = await import("./commands/backend.ts");
    const backend = await makeBackend(options, context({}).env);
    process.stdout.write(`${backendText(options.stack, backend)}\n`);
  });

command(
  "env",
  'print what sets a shell to the local network, and puts aleo-ops on its PATH: eval "$(make -s env)"',
).action(async () => {
  const { shellLines } = await import("./commands/env.ts");
  process.stdout.write(`${await shellLines(context({}))}\n`);
});

command("down", "stop the local network, keep what it has on disk")
  .option("--json", "print one JSON document on standard output")
  .action(async (options: Options) => {
    await down(context(options));
  });

command("reset", "stop the local network and delete it, after asking")
  .option("--yes", "do not ask")
  .option("--json", "print one JSON document on standard output")
  .action(async (options: Options) => {
    await reset(context(options), { yes: options.yes === true });
  });

command("tools", "find or get every tool").action(async () => {
  await tools(context({}));
});

command("doctor", "say for each tool what was found, which version, from where, or how to get it")
  .option("--port <number>", "the devnode's port", parsePort, defaultPort)
  .option("--json", "print one JSON document on standard output")
  .action(async (options: Options) => {
    process.exitCode = await doctor(context(options), options.port);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(
    error instanceof LocalError
      ? `error: ${error.explain()}\n`
      : `${String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}
