import type { PolicyDocument, Statement } from "../../../components/backups/policies.ts";

/** A request to S3 or KMS: its action, what it is for, and the condition keys that it has. */
export interface AwsRequest {
  readonly action: string;
  readonly resource: string;
  readonly keys?: Readonly<Record<string, string>>;
}

export type Verdict = "allowed" | "denied" | "no say";

/**
 * What policies make of a request, by IAM's rules for what these policies use: any Deny wins, and a
 * condition holds when each of its operators does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function judge(request: AwsRequest, ...policies: readonly PolicyDocument[]): Verdict {
  const matching = policies
    .flatMap(({ Statement: statements }) => statements)
    .filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === "Deny")) return "denied";
  return matching.length > 0 ? "allowed" : "no say";
}

/** The statement that denies it; undefined where none does. */
export function deniedBy(request: AwsRequest, policy: PolicyDocument): string | undefined {
  return policy.Statement.find(
    (statement) => statement.Effect === "Deny" && applies(statement, request),
  )?.Sid;
}

function applies(statement: Statement, { action, resource, keys = {} }: AwsRequest): boolean {
  const { Action, Resource = [], Condition = {} } = statement;
  return (
    [Action].flat().some((pattern) => like(pattern, action)) &&
    [Resource].flat().some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, tests]) =>
      Object.entries(tests).every(([key, wanted]) => holds(operator, keys[key], [wanted].flat())),
    )
  );
}

function holds(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  switch (operator) {
    case "Null":
      return wanted.includes(String(value === undefined));
    case "Bool":
    case "StringEquals":
      return value !== undefined && wanted.includes(value);
    // IAM: a negated operator holds where the request does not have the key.
    case "StringNotEquals":
      return value === undefined || !wanted.includes(value);
    case "ArnLike":
      return value !== undefined && wanted.some((pattern) => like(pattern, value));
    case "NumericLessThan":
      return value !== undefined && wanted.some((limit) => Number(value) < Number(limit));
    default:
      throw new Error(`${operator} is not judged here`);
  }
}

function like(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
