import { globSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

const operations = join(import.meta.dirname, "..", "..", "operations");

/** A command that does something. */
export interface Leaf {
  /** `backups verify` */
  readonly name: string;
  readonly command: Command;
}

/** aleo-ops, as the groups' folders add its commands: a new one is among them by itself. */
export async function commandLine(): Promise<Command> {
  const tree = new Command("aleo-ops");
  const files = globSync("*/commands.ts", { cwd: operations }).toSorted();
  for (const file of files) {
    const group = (await import(join(operations, file))) as Record<string, unknown>;
    for (const [name, add] of Object.entries(group)) {
      if (/^add\w+Commands?$/.test(name) && typeof add === "function") {
        await (add as (parent: Command) => unknown)(tree);
      }
    }
  }
  return tree;
}

/** Every command of aleo-ops. */
export async function everyCommand(): Promise<Leaf[]> {
  return leavesOf(await commandLine(), []);
}

function leavesOf(command: Command, path: readonly string[]): Leaf[] {
  const below = command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
  // One that only groups others takes nothing by itself.
  const isGroup = below.length > 0 && command.options.length === 0;
  return isGroup ? below : [{ name: path.join(" "), command }, ...below];
}

/** What an argument or an option is given: something that is of the right form, and not there. */
const samples: readonly (readonly [RegExp, string])[] = [
  [/^(before|after)$/, "latest"],
  [/^ranges$/, "0-9"],
  [/transaction/i, `at1${"q".repeat(58)}`],
  [/address/i, `aleo1${"q".repeat(58)}`],
  [/rule/i, "paused"],
  [/span|for|last/i, "30m"],
  [/program|contract/i, "nothing_here.aleo"],
  [/height|block|count|fee|batch|microcredits/i, "1"],
  [/file|folder|directory|archive|path/i, "nothing-here"],
  [/text|reason|name|by|title|note/i, "a-test"],
  [/^(acknowledge|unsilence)$/, "1"],
];

function sample(name: string, choices: readonly string[] | undefined): string {
  return choices?.[0] ?? samples.find(([form]) => form.test(name))?.[1] ?? "nothing_here.aleo";
}

/** Words with which a command gets as far as it can without a program that is there. */
export function wordsFor({ name, command }: Leaf): string[] {
  const path = name.split(" ");
  const words = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => {
      // Whose id it is stands in the command: `transaction <id>`.
      const what = argument.name() === "id" ? (path.at(-1) ?? "") : argument.name();
      return sample(what, argument.argChoices);
    });
  const options = command.options
    .filter(({ mandatory, long }) => mandatory || long === "--contract")
    .flatMap(({ long, argChoices, flags }) => {
      const placeholder = /<(.+)>/.exec(flags)?.[1];
      return [long ?? "", ...(placeholder === undefined ? [] : [sample(placeholder, argChoices)])];
    });
  return [...path, ...words, ...options];
}
