import { LocalNetwork } from "../network/network.ts";
import { formatDuration, runSteps, type Step } from "../progress.ts";
import { ensureProviderPlugins } from "../tools/provider-plugins.ts";
import { ensurePulumi } from "../tools/pulumi.ts";
import { type CommandContext, printJson, say } from "./context.ts";
import { changedCount, withEventLog } from "./engine-events.ts";
import { policyPack } from "./policy-pack.ts";
import { programsOutput, programsTable, type ProgramRow } from "./programs-table.ts";
import { localStack, openStack, type Stack, stackEnvironment } from "./stack.ts";
import { tools } from "./tools.ts";

export interface UpOptions {
  readonly stack: string;
  /** The port of the ledger of stack `local`; other parts take those that follow it. */
  readonly port: number;
  /** Whether a stack other than `local` is brought up without asking: where nobody can answer. */
  readonly yes?: boolean;
}

const nextForLocal = `Next:  eval "$(make -s env)"   set your shell to it: then aleo-ops health, aleo-ops --help
       make preview   what a change of the project would do, and cost
       make drift     what was changed on the network by hand
       make down      stop the network, keep what it has
       make reset     delete the local network`;

const nextForOthers = (stack: string) =>
  `Next:  make drift STACK=${stack}   what was changed on the network by hand`;

/** Brings a stack to what the project declares; gives back the exit code of the CLI. */
export async function up(context: CommandContext, options: UpOptions): Promise<number> {
  const begun = Date.now();
  await tools(context, options.stack);
  const isLocal = options.stack === localStack;
  if (isLocal) await startNetwork(context, options.port);
  const stack = await openStack(options.stack, context);
  if (isLocal) await stack.read(["stack", "select", stack.name, "--create"]);

  const { result: code, events } = await withEventLog((log, env) =>
    stack.show(
      [
        ...["up", "--stack", stack.name, "--suppress-outputs"],
        ...policyPack(context, stack.name),
        ...log,
        ...(isLocal || options.yes === true ? ["--yes"] : []),
      ],
      env,
    ),
  );
  if (code !== 0) return code;
  await report(context, stack, changedCount(events), begun);
  return 0;
}

async function startNetwork(context: CommandContext, port: number): Promise<void> {
  const network = new LocalNetwork(context.project, port);
  const parts = network.declared.map((part): Step => ({
    title: part.title,
    run: async (progress) => {
      const { url, started } = await part.start(progress);
      return `${started ? "started" : "runs already"}, ${url}`;
    },
  }));
  await runSteps(parts, { concurrent: true, silent: context.json });
  if (parts.length > 1) await installPlugins(context);
}

async function installPlugins(context: CommandContext): Promise<void> {
  const run: Step["run"] = async (progress) => {
    const pulumi = await ensurePulumi(progress, context.env);
    const env = await stackEnvironment(localStack, pulumi, context);
    const plugins = await ensureProviderPlugins(pulumi, env, progress, { standIns: true });
    return plugins.map(({ name, source }) => `${name} (${source})`).join(", ");
  };
  await runSteps([{ title: "Provider plugins", run }], {
    concurrent: false,
    silent: context.json,
  });
}

async function report(
  context: CommandContext,
  stack: Stack,
  changed: number,
  begun: number,
): Promise<void> {
  const outputs = JSON.parse(
    await stack.read(["stack", "output", "--json", "--stack", stack.name]),
  ) as Record<string, unknown>;
  const parsed = programsOutput.safeParse(outputs.programs);
  const programs: ProgramRow[] = parsed.success ? parsed.data : [];
  if (context.json) {
    printJson({ stack: stack.name, changed, programs });
    return;
  }
  const width = process.stdout.columns;
  say(context, "");
  if (programs.length > 0) say(context, `${programsTable(programs, width || Infinity)}\n`);
  const outcome =
    changed === 0
      ? "Nothing changed: the project declares what the last run left."
      : `${changed} resource${changed === 1 ? "" : "s"} changed.`;
  say(context, `${outcome} (${formatDuration(Date.now() - begun)})`);
  if (stack.name !== localStack) {
    say(context, nextForOthers(stack.name));
    return;
  }
  const network = new LocalNetwork(context.project);
  const seen = (await Promise.all(network.declared.map(({ toSee }) => toSee()))).flat();
  if (seen.length > 0) say(context, `See:   ${seen.join("\n       ")}`);
  say(context, nextForLocal);
}
