import type { Command } from "commander";
import { operation, type Options, report } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";

/** `contacts verify`. */
export function addContactCommands(parent: Command): void {
  const contacts = parent.command("contacts").description("look after who is paged");
  operation(
    contacts,
    "verify",
    "ask PagerDuty who is on call now at each level and how they are reached; exit code 3 where nobody is",
    "contacts verify --network mainnet",
  ).action(async (options: Options) => {
    const { settingsFromFile } = await import("../stack-file.ts");
    const { contactsText, verifyContacts } = await import("./verify.ts");
    const settings = settingsFromFile(options.network, process.cwd(), process.env);
    const levels = await verifyContacts(settings, process.env);
    report(options, {
      document: levels,
      text: contactsText(levels),
      code: levels.some(({ problem }) => problem !== undefined)
        ? exitCode.verificationFailed
        : exitCode.ok,
    });
  });
}
