import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { AleoError } from "../aleo/errors.ts";
import { nearest } from "../aleo/program/id.ts";
import { configNamespace } from "../config-namespace.ts";
import { type Environment, type Settings, settingsOf } from "../settings.ts";

export class StackFileError extends AleoError {}

const stackFile = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/**
 * The settings of a network as its stack has them, read from `Pulumi.<network>.yaml` without the
 * Pulumi CLI, so that an operation works while Pulumi's state is locked or lost.
 * @throws StackFileError for a network without a file, or a file that is no stack's
 * @throws SettingError as `settingsOf` does
 */
export function settingsFromFile(
  network: string,
  directory: string,
  environment: Environment,
): Settings {
  const file = `Pulumi.${network}.yaml`;
  const known = stackNames(directory);
  if (!known.includes(network)) {
    const meant = nearest(network, known);
    throw new StackFileError(`There is no network "${network}": ${directory} holds no ${file}.`, {
      remedy:
        known.length === 0
          ? "Run this in the directory of the project."
          : `${meant === undefined ? "" : `Did you mean ${meant}? `}The networks are: ${known.join(", ")}.`,
    });
  }
  const values = valuesOf(readFileSync(join(directory, file), "utf8"), file);
  return settingsOf({ get: (key) => values.get(key), keys: [...values.keys()], file }, environment);
}

function stackNames(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => /^Pulumi\.(\w+)\.yaml$/.exec(name)?.[1] ?? []);
}

/** Keys without namespace; lists and objects as JSON, as Pulumi hands them over. */
function valuesOf(text: string, file: string): Map<string, string> {
  const prefix = `${configNamespace}:`;
  return new Map(
    Object.entries(configOf(text, file)).flatMap(([key, value]) =>
      key.startsWith(prefix)
        ? [[key.slice(prefix.length), typeof value === "string" ? value : JSON.stringify(value)]]
        : [],
    ),
  );
}

function configOf(text: string, file: string): Record<string, unknown> {
  try {
    return stackFile.parse(parse(text)).config;
  } catch (error) {
    throw new StackFileError(`${file} is not a stack's file: ${String(error)}`, {
      remedy: "Correct it, or take the last version from the repository.",
      cause: error,
    });
  }
}

/** Whether a stack's file sets a key, a secret included, whose value only Pulumi can read. */
export function holdsSetting(network: string, directory: string, key: string): boolean {
  const file = `Pulumi.${network}.yaml`;
  return valuesOf(readFileSync(join(directory, file), "utf8"), file).has(key);
}
