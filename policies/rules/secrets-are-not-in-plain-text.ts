import type { Declared } from "../declared.ts";
import { isProperties, objectsOf, type Value } from "../known.ts";
import { type Container, containersOf } from "../pods.ts";
import type { ResourceRule } from "../rule.ts";
import { isNamedAsSecret, secretIn } from "../secret-text.ts";

export const secretsAreNotInPlainText: ResourceRule = {
  name: "secrets-are-not-in-plain-text",
  description:
    "An environment variable, argument or ConfigMap holds no secret: it comes from a Secret of the cluster.",
  violations: (resource) =>
    [...containersOf(resource).flatMap(inContainer), ...inConfigMap(resource)].map((what) => ({
      resource,
      what,
      why: "Whoever may look at the pod or its ConfigMap reads it, and so does every log and backup of the cluster.",
      remedy: "Put it into a Secret, and take it from there: valueFrom.secretKeyRef.",
    })),
};

function inContainer({ name, properties }: Container): readonly string[] {
  const variables = objectsOf(properties.env).flatMap((variable) => {
    const key = typeof variable.name === "string" ? variable.name : "(no name)";
    const what = problem(key, variable.value);
    return what === undefined ? [] : `container ${name} has the variable ${key}, ${what}.`;
  });
  const words = ["command", "args"].flatMap((list) => {
    const value = properties[list];
    const what = Array.isArray(value) ? value.map(formOf).find((found) => found) : undefined;
    return what === undefined ? [] : `container ${name} has ${what} in its ${list}.`;
  });
  return [...variables, ...words];
}

/** Its entries may become variables by envFrom, and are as readable. */
function inConfigMap({ type, properties }: Declared): readonly string[] {
  const data = properties.data;
  if (!/^kubernetes:core\/v1:ConfigMap(?:Patch)?$/.test(type) || !isProperties(data)) return [];
  return Object.entries(data).flatMap(([key, value]) => {
    const what = problem(key, value);
    return what === undefined ? [] : `the entry ${key}, ${what}.`;
  });
}

function problem(name: string, value: Value): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const form = formOf(value);
  if (form !== undefined) return `which looks like ${form}`;
  return isNamedAsSecret(name) ? "whose name says that it is a secret" : undefined;
}

function formOf(value: Value): string | undefined {
  return typeof value === "string" ? secretIn(value) : undefined;
}
