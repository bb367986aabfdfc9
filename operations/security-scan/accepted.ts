import { parse } from "yaml";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import type { Finding } from "./finding.ts";
import type { Tree } from "./tree.ts";

/** What is known to be no secret, and what was looked at and is right as it is. */
export interface Accepted {
  readonly isPublic: (secret: string) => boolean;
  readonly findings: readonly Acceptance[];
}

export interface Acceptance {
  readonly rule: string;
  readonly file: string;
  readonly subject: string;
  readonly reason: string;
  /** Day until which it holds: `2027-05-25`. */
  readonly until: string;
}

/** A finding, with the acceptance that holds for it. */
export interface JudgedFinding extends Finding {
  readonly accepted?: Acceptance;
}

class AcceptedFindingsError extends AleoError {}

const acceptedFile = "operations/security-scan/accepted.yaml";

const text = z.string().trim().min(1);
const schema = z.strictObject({
  publicKeys: z.array(z.strictObject({ key: text, reason: text })).default([]),
  findings: z
    .array(
      z.strictObject({
        rule: text,
        file: text,
        subject: text,
        reason: z.string().trim().min(20, "A reason says why, in a sentence"),
        until: z.iso.date(),
      }),
    )
    .default([]),
});

/** @throws AcceptedFindingsError for a file that is not as it should be */
export function acceptedIn(tree: Tree): Accepted {
  const source = tree.read(acceptedFile);
  if (source === undefined) return { isPublic: () => false, findings: [] };
  const result = schema.safeParse(parse(source, { schema: "failsafe" }));
  if (!result.success) {
    throw new AcceptedFindingsError(
      `${acceptedFile} is not as it should be:\n${z.prettifyError(result.error)}`,
      {
        remedy:
          "Each entry of `findings` needs rule, file, subject, reason and until (2027-05-25).",
      },
    );
  }
  const keys = new Set(result.data.publicKeys.map(({ key }) => key));
  return { isPublic: (secret) => keys.has(secret), findings: result.data.findings };
}

/** Marks what is accepted, and adds what of the acceptances is over or holds for nothing any more. */
export function judge(
  findings: readonly Finding[],
  acceptances: readonly Acceptance[],
  today: string,
): JudgedFinding[] {
  const holds = (one: Acceptance, { rule, file, subject }: Finding) =>
    one.rule === rule && one.file === file && one.subject === subject;
  const judged = findings.map((finding): JudgedFinding => {
    const accepted = acceptances.find((one) => holds(one, finding) && one.until >= today);
    return accepted === undefined ? finding : { ...finding, accepted };
  });
  const idle = acceptances.filter((one) => !findings.some((finding) => holds(one, finding)));
  const over = acceptances.filter((one) => one.until < today && !idle.includes(one));
  return [
    ...judged,
    ...over.map((one) => note(one, "accepted-too-long", `was accepted until ${one.until}`)),
    ...idle.map((one) => note(one, "accepted-for-nothing", "is not found any more")),
  ];
}

function note({ rule, file, subject }: Acceptance, noteRule: string, what: string): Finding {
  return {
    rule: noteRule,
    severity: "low",
    file: acceptedFile,
    line: 1,
    subject: `${rule} ${file} ${subject}`,
    what: `${rule} of ${subject} in ${file} ${what}`,
    why: "An acceptance that nobody looks at again hides the next fault.",
    remedy: "Look at it again: give it a new end, or take it out.",
  };
}
