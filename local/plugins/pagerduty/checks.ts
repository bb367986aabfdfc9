import { z } from "zod";
import { pathText } from "../server/difference.ts";
import type { CheckContext, Checked, Properties, PropertyPath } from "../server/resource-type.ts";
import { isUnknown } from "../server/values.ts";

/** The schema for a value that may come from a resource that is not made yet. */
export function orUnknown(schema: z.ZodType): z.ZodType {
  return z.unknown().superRefine((value, context) => {
    if (isUnknown(value)) return;
    for (const { message, path, ...issue } of schema.safeParse(value).error?.issues ?? []) {
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
      for (const key of keys) {
        context.addIssue({
          code: "custom",
          message: key === undefined ? message : unknownProperty,
          path: key === undefined ? path : [...path, key],
        });
      }
    }
  });
}

const unknownProperty = "the stand-in for the pagerduty provider does not know this property";

/** A text that is not empty. */
export const text = orUnknown(z.string().min(1, "must not be empty"));

export function oneOf(...words: readonly string[]): z.ZodType {
  return orUnknown(z.enum(words, `must be ${words.join(" or ")}`));
}

/** The inputs, and what is wrong with each. */
export function checkedBy<Inputs extends Properties>(
  schema: z.ZodType,
  inputs: Inputs,
): Checked<Inputs> {
  const issues = orUnknown(schema).safeParse(inputs).error?.issues ?? [];
  return {
    inputs,
    failures: issues.map(({ path, message }) => ({
      property: pathText(path as PropertyPath),
      reason: message,
    })),
  };
}

/** Where the program leaves the name open, one made of the resource's; it stays. */
export function withName<Inputs extends Properties>(
  inputs: Inputs,
  { name, olds, suffix }: CheckContext<Inputs>,
): Inputs {
  return { ...inputs, name: inputs.name ?? olds?.name ?? `${name}-${suffix}` };
}
