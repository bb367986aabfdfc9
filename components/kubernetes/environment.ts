import type * as pulumi from "@pulumi/pulumi";
import { Secret, type SecretArgs } from "@pulumi/kubernetes/core/v1/secret.js";
import type { core } from "@pulumi/kubernetes/types/input.js";
import { refusal } from "../common/refusal.ts";
import { type Transform, transformed } from "../common/transform.ts";

/** Values of environment variables by name. */
export type Values = Readonly<Record<string, pulumi.Input<string>>>;

/** Where secret environment variables come from. */
export interface SecretSource {
  /** Their values, for which a Secret is made. */
  readonly values?: Values | undefined;
  /** A Secret of the namespace that may hold those that have no value here. */
  readonly existing?: string | undefined;
}

const variableName = /^[A-Z_][A-Z0-9_]*$/;

/** Plain variables in the order of their names, so that the order in a program changes nothing. */
export function plainVariables(values: Values): core.v1.EnvVar[] {
  return Object.entries(values)
    .map(([name, value]) => ({ name, value }))
    .sort(byName);
}

/**
 * @throws pulumi.RunError for a name that is not of a variable that `allowed` lists
 */
export function requireKnownVariables(
  values: Values,
  allowed: readonly string[],
  argument: string,
): void {
  const unknown = Object.keys(values).find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  throw refusal(
    `${argument} names ${unknown}, which nothing reads.`,
    `The names are: ${allowed.join(", ")}.`,
  );
}

/**
 * Secret variables. Values get a Secret of their own, which is never changed but replaced under
 * another name: so the pods that use it start anew when one changes. Of an existing Secret every
 * further variable of `names` is taken that it holds.
 */
export function secretVariables(options: {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: SecretSource | undefined;
  readonly names: readonly string[];
  readonly transform: Transform<SecretArgs> | undefined;
  readonly parent: pulumi.Resource;
}): core.v1.EnvVar[] {
  const { name, namespace, labels, source = {}, names, transform, parent } = options;
  const { values = {}, existing } = source;
  const own = Object.keys(values);
  const theirs =
    existing === undefined
      ? []
      : names
          .filter((variable) => !own.includes(variable))
          .map((variable) => ({
            name: variable,
            valueFrom: { secretKeyRef: { name: existing, key: variable, optional: true } },
          }));
  if (own.length === 0) return theirs.sort(byName);
  const secret = new Secret(
    name,
    transformed<SecretArgs>(
      {
        metadata: { namespace, labels },
        immutable: true,
        type: "Opaque",
        stringData: values,
      },
      transform,
    ),
    { parent, additionalSecretOutputs: ["stringData", "data"] },
  );
  const ours = own.map((variable) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secret.metadata.name, key: variable } },
  }));
  return [...ours, ...theirs].sort(byName);
}

/** @throws pulumi.RunError for a name that no environment variable can have */
export function requireVariableNames(values: Values, argument: string): void {
  const wrong = Object.keys(values).find((name) => !variableName.test(name));
  if (wrong === undefined) return;
  throw refusal(
    `${argument} names "${wrong}", which is no name of an environment variable.`,
    "Use capital letters, digits and underscores, as ALEO_NODE_URL.",
  );
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
