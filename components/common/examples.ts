import { refusal } from "./refusal.ts";

/** A digest of no image, the account of AWS's own examples, and what says that it is one. */
const example = /@sha256:0{64}$|:123456789012:|EXAMPLE/;

/**
 * A stack that was copied and not filled in: what it names is not there, and that would show only after
 * the programs were paid.
 *
 * @throws pulumi.RunError naming each setting that still holds what this repository has for an example
 */
export function refuseExamples(settings: object, file: string): void {
  const found = examplesIn(settings);
  if (found.length === 0) return;
  throw refusal(
    `${file} still holds this repository's examples, which are of nobody:\n  ${found.join("\n  ")}\nNothing was declared.`,
    `Put your own in their place (README.md, "Put it on testnet"), or take out the part that you do not have: aleo-ops:cluster with aleo-ops:kubeContext, aleo-ops:escalation. What is left out is not declared.`,
  );
}

function examplesIn(value: unknown, path = ""): readonly string[] {
  if (typeof value === "string") return example.test(value) ? [`${path}: ${value}`] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    examplesIn(part, path === "" ? key : `${path}.${key}`),
  );
}
