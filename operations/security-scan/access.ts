import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Severity } from "../../monitor/alert/severity.ts";
import type { Finding, Look } from "./finding.ts";
import type { Tree } from "./tree.ts";

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
}
export interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

const policiesFile = "components/backups/policies.ts";

const bucket = "arn:aws:s3:::bucket";
const key = "arn:aws:kms:eu-central-1:123456789012:key/1";
const place = { bucketArn: bucket, keyArn: key, region: "eu-central-1" };
const copy = { bucketArn: `${bucket}-copy`, keyArn: `${key}2`, region: "eu-west-1" };
const provider = "arn:aws:iam::123456789012:oidc-provider/oidc.example.org/id/1";

/** What each function that makes a policy document is asked with. */
const samples: Readonly<Record<string, readonly unknown[]>> = {
  backupBucketPolicy: [bucket, key],
  replicaBucketPolicy: [bucket],
  logBucketPolicy: [bucket, { bucketArn: `${bucket}-logged`, account: "123456789012" }, "access/"],
  writerPolicy: [place],
  appenderPolicy: [place],
  readerPolicy: [place, copy],
  verifierPolicy: [place, copy],
  replicationPolicy: [place, copy],
  serviceAccountsMayAssume: [provider, ["aleo-ops/backup-writer"]],
};

/** What a role may never do, whatever it needs to do. */
const never: Readonly<Record<string, RegExp>> = {
  writerPolicy: /^s3:(?:Get|List|Delete|Put(?!Object$)|Bypass)/,
  appenderPolicy: /^s3:(?:Put(?!Object$)|Delete|Bypass|Restore)/,
  readerPolicy: /^s3:(?:Put|Delete|Bypass|Restore)/,
  verifierPolicy: /^s3:(?:Put(?!Object$)|Delete|Bypass|Restore)/,
  replicationPolicy: /^s3:(?:Delete|Bypass|ReplicateDelete)/,
};

/** Asks the components for the policies that they declare, and judges how much those allow. */
export async function accessLook(tree: Tree): Promise<Look> {
  const part = "IAM policies";
  if (!tree.files.includes(policiesFile)) {
    return { part, looked: "nothing", problem: `there is no ${policiesFile} here`, findings: [] };
  }
  const text = tree.read(policiesFile) ?? "";
  const lineOf = (name: string) =>
    text
      .split("\n")
      .findIndex((line) => new RegExp(`^export (?:function|const) ${name}\\b`).test(line)) + 1;
  const findings: Finding[] = [];
  let count = 0;
  const declared = (await import(pathToFileURL(join(tree.root, policiesFile)).href)) as Readonly<
    Record<string, unknown>
  >;
  for (const [name, value] of Object.entries(declared)) {
    const sample = samples[name];
    if (typeof value === "function" && sample === undefined) {
      findings.push({
        ...{
          file: policiesFile,
          line: lineOf(name),
          rule: "policy-not-judged",
          severity: "medium",
        },
        subject: name,
        what: `${name} makes a policy that this scan does not know`,
        why: "Nobody has looked at how much it allows.",
        remedy: "Add an example of its arguments to operations/security-scan/access.ts.",
      });
      continue;
    }
    const document: unknown =
      typeof value === "function"
        ? (value as (...args: readonly unknown[]) => unknown)(...(sample ?? []))
        : value;
    count += 1;
    findings.push(
      ...policyFindings(name, document as PolicyDocument).map((finding) => ({
        ...finding,
        file: policiesFile,
        line: lineOf(name),
      })),
    );
  }
  return { part, looked: `${count} policies of ${policiesFile}`, findings };
}

type Judged = Omit<Finding, "file" | "line">;

/** How much more a policy allows than anybody needs. */
export function policyFindings(name: string, { Statement }: PolicyDocument): Judged[] {
  return Statement.filter(({ Effect }) => Effect === "Allow").flatMap((statement) => {
    const subject = `${name} ${statement.Sid ?? ""}`.trim();
    const actions = listOf(statement.Action);
    const found = (rule: string, severity: Severity, what: string, remedy: string): Judged => ({
      ...{ rule, severity, subject, remedy },
      what: `${subject} ${what}`,
      why: "Whoever takes over what has this right can do as much: with the backups, or with the whole account.",
    });
    return [
      ...(statement.NotAction === undefined && !actions.some((action) => action.includes("*"))
        ? []
        : [
            found(
              "wide-actions",
              "high",
              `allows ${statement.NotAction === undefined ? actions.join(", ") : "all but some actions"}`,
              "Name each action that is needed.",
            ),
          ]),
      ...(listOf(statement.Resource).includes("*")
        ? [
            found(
              "wide-resources",
              "high",
              "holds for every resource",
              "Name the bucket or the key.",
            ),
          ]
        : []),
      ...(isEverybody(statement.Principal) && statement.Condition === undefined
        ? [found("open-to-all", "critical", "holds for everybody", "Name who it is for.")]
        : []),
      ...(statement.Principal !== undefined &&
      listOf(statement.Action).includes("sts:AssumeRoleWithWebIdentity") &&
      !JSON.stringify(statement.Condition ?? {}).includes(":sub")
        ? [
            found(
              "any-pod-assumes",
              "high",
              "lets every pod of the cluster take on the role",
              "Demand the service accounts by name: a condition on `…:sub`.",
            ),
          ]
        : []),
      ...actions
        .filter((action) => never[name]?.test(action) === true)
        .map((action) =>
          found(
            "role-does-more",
            "high",
            `allows ${action}, which this role is there not to do`,
            "Take it out; docs/backup-store.md says which role does what.",
          ),
        ),
    ];
  });
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

function isEverybody(principal: unknown): boolean {
  if (principal === "*") return true;
  return (
    typeof principal === "object" &&
    principal !== null &&
    Object.values(principal).some((value) => value === "*")
  );
}
