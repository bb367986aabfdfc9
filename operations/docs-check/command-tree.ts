import type { Command } from "commander";
import { nearest } from "../../aleo/program/id.ts";

/** A command as the command line has it. */
export interface CommandNode {
  readonly name: string;
  readonly options: ReadonlyMap<string, { readonly takesValue: boolean }>;
  /** Options that it can't do without. */
  readonly mandatory: readonly string[];
  /** How many words must follow, and may. */
  readonly least: number;
  readonly most: number;
  readonly commands: ReadonlyMap<string, CommandNode>;
}

export function commandTree(command: Command): CommandNode {
  const options = command.options.flatMap(({ long, short, required, optional }) =>
    [long, short].flatMap((name) =>
      name === undefined ? [] : [[name, { takesValue: required || optional }] as const],
    ),
  );
  const { registeredArguments } = command;
  return {
    name: command.name(),
    options: new Map([
      ...options,
      ["--help", { takesValue: false }],
      ["-h", { takesValue: false }],
    ]),
    mandatory: command.options.flatMap(({ mandatory, long }) =>
      mandatory && long !== undefined ? [long] : [],
    ),
    least: registeredArguments.filter(({ required }) => required).length,
    most: registeredArguments.some(({ variadic }) => variadic)
      ? Infinity
      : registeredArguments.length,
    commands: new Map(
      command.commands.flatMap((child) =>
        [child.name(), ...child.aliases()].map((name) => [name, commandTree(child)] as const),
      ),
    ),
  };
}

/**
 * What is wrong with a call; undefined where nothing is.
 * @param words what follows `aleo-ops`
 * @param isWhole false for a mention in a sentence, which may leave its arguments out
 */
export function callProblem(
  root: CommandNode,
  words: readonly string[],
  isWhole: boolean,
): string | undefined {
  let node = root;
  let path = root.name;
  let given = 0;
  const named = new Set<string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    // What stands for words of the reader's: "…", "[ADDRESS]".
    if (/^(?:…|\.\.\.|\[.*\])$/.test(word)) continue;
    if (word === "--") {
      given += words.length - index - 1;
      break;
    }
    if (word.startsWith("-") && word !== "-") {
      const [name = "", value] = word.split("=", 2);
      const option = node.options.get(name);
      if (option === undefined) {
        const meant = nearest(name, [...node.options.keys()]);
        return `\`${path}\` has no option ${name}${meant === undefined ? "" : `; there is ${meant}`}`;
      }
      named.add(name);
      if (option.takesValue && value === undefined) index += 1;
      continue;
    }
    const child = given === 0 ? node.commands.get(word) : undefined;
    if (child !== undefined) {
      node = child;
      path = `${path} ${word}`;
    } else if (node.commands.size > 0) {
      const meant = nearest(word, [...node.commands.keys()]);
      return `\`${path}\` has no command "${word}"${meant === undefined ? "" : `; there is ${meant}`}`;
    } else {
      given += 1;
    }
  }
  if (given > node.most) return `\`${path}\` takes ${node.most} arguments, not ${given}`;
  if (!isWhole || named.has("--help") || named.has("-h")) return undefined;
  // A group has no option of its own but --help.
  const isGroup = node.commands.size > 0 && node.options.size <= 2;
  if (isGroup) return `\`${path}\` needs a command behind it`;
  const lacking = node.mandatory.find((option) => !named.has(option));
  if (lacking !== undefined) return `\`${path}\` needs ${lacking}`;
  return given < node.least ? `\`${path}\` needs ${node.least} arguments, not ${given}` : undefined;
}
