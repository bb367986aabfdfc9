import * as pulumi from "@pulumi/pulumi";
import { AleoError } from "../../aleo/errors.ts";

/** An error that Pulumi shows as its text, without a stack: what is wrong, and what to do. */
export function refusal(message: string, remedy: string): pulumi.RunError {
  return new pulumi.RunError(new AleoError(message, { remedy }).explain());
}
