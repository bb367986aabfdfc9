import type { Command } from "commander";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import { operation, type Options, work } from "../command-line.ts";
import { ask, confirm } from "../confirm.ts";
import { withProgress } from "../progress.ts";

interface RotateOptions extends Options {
  readonly store?: string;
  readonly also: readonly string[];
  readonly yes?: true;
}

/** `rotate-keys`. */
export function addKeyCommands(parent: Command): void {
  const command = operation(
    parent,
    "rotate-keys",
    "hand what the operating account may do to a new key; a run that was stopped goes on",
    "rotate-keys --store file:/media/safe/mainnet.key --network mainnet",
  )
    .option(
      "--store <place>",
      "where the new key is kept: pulumi (a secret of the stack), or file:PATH",
    )
    .option(
      "--also <program>",
      "a program that the stack does not declare (repeatable)",
      (program: string, before: readonly string[]) => [...before, program],
      [],
    )
    .option("--yes", "do not ask")
    .action(async (options: RotateOptions) => {
      const storeName = options.store ?? (await askForStore(command));
      if (storeName !== "pulumi" && !/^file:./.test(storeName)) {
        command.error("error: --store is pulumi or file:PATH");
      }
      await confirm(command, options, `Rotate the operating key of ${options.network}`);
      await work(options, (settings, node) => rotate(settings, node, storeName, options.also));
    });
}

async function askForStore(command: Command): Promise<string> {
  if (!process.stdin.isTTY) {
    command.error("error: say with --store where the new key is to be kept: pulumi or file:PATH");
  }
  return (await ask("Where is the new key to be kept: pulumi, or file:PATH? ")).trim();
}

async function rotate(
  settings: Settings,
  node: NodeClient,
  storeName: string,
  also: readonly string[],
) {
  const { operatingAccount } = await import("../account.ts");
  const { fileKeyStore, pulumiKeyStore } = await import("./key-store.ts");
  const { progressPath } = await import("./progress-file.ts");
  const { rotateKeys } = await import("./rotate.ts");
  const { rotationText } = await import("./rotation-text.ts");
  const { stackSecrets } = await import("./stack-secrets.ts");
  const { holdsSetting } = await import("../stack-file.ts");
  const { network, cluster } = settings;
  const secrets = stackSecrets(network, process.env);
  const report = await withProgress((show) =>
    rotateKeys({
      old: operatingAccount(settings, node, process.env, "the rotation"),
      accountOf: (key) =>
        operatingAccount(
          settings,
          node,
          { ...process.env, ALEO_PRIVATE_KEY: key.reveal() },
          "the rotation",
        ),
      programs: [...new Set([...settings.programs.map(({ program }) => program), ...also])],
      storeName,
      store:
        storeName === "pulumi"
          ? pulumiKeyStore(secrets)
          : fileKeyStore(storeName.slice("file:".length)),
      secrets,
      stackHoldsKey: storeName === "pulumi" || holdsSetting(network, process.cwd(), "privateKey"),
      clusterSecret:
        cluster === undefined ? "none" : cluster.existingSecret === undefined ? "stack" : "others",
      path: progressPath(network),
      show,
    }),
  );
  return { document: report, text: rotationText(report, network), code: report.code };
}
