import type { Severity } from "../../monitor/alert/severity.ts";

/** A secret as it may stand in a line of text, by its whole form: shortened examples are none. */
interface SecretForm {
  readonly kind: string;
  readonly severity: Severity;
  /** The group `secret` is the secret itself, where the form needs words around it. */
  readonly form: RegExp;
}

const base58 = "[1-9A-HJ-NP-Za-km-z]";

const forms: readonly SecretForm[] = [
  {
    kind: "an Aleo private key",
    severity: "critical",
    form: new RegExp(`APrivateKey1${base58}{47}`, "g"),
  },
  { kind: "an Aleo view key", severity: "high", form: new RegExp(`AViewKey1${base58}{44}`, "g") },
  {
    kind: "an AWS access key",
    severity: "critical",
    form: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  },
  {
    kind: "an AWS secret key",
    severity: "critical",
    form: /secret_?access_?key["']?\s*[:=]\s*["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  {
    kind: "a PagerDuty API token",
    severity: "critical",
    form: /(?<![\w+/])u\+[\w-]{18}(?![\w+/=-])/g,
  },
  {
    kind: "a PagerDuty integration key",
    severity: "high",
    form: /(?:pager_?duty|routing_?key|integration_?key)[\w"'\s:=-]{0,40}?\b(?<secret>[0-9a-f]{32}|R[0-9A-Z]{31})\b/gi,
  },
  {
    kind: "a Slack webhook",
    severity: "high",
    form: /hooks\.slack\.com\/services\/T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/\w{20,}/g,
  },
  { kind: "a Slack token", severity: "critical", form: /\bxox[abeoprs]-[\w-]{20,}/g },
  {
    kind: "a GitHub token",
    severity: "critical",
    form: /\b(?:gh[opsur]_\w{36}|github_pat_\w{40,})/g,
  },
  { kind: "a Pulumi token", severity: "critical", form: /\bpul-[0-9a-f]{40}\b/g },
  {
    kind: "a private key",
    severity: "critical",
    form: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?=\s*$|\\n[A-Za-z0-9+/])/g,
  },
];

export interface SecretSeen {
  readonly kind: string;
  readonly severity: Severity;
  readonly secret: string;
}

/** The secrets that a line of text gives away. */
export function secretsIn(line: string): SecretSeen[] {
  // Nearly every line has none: one look at it is cheaper than all forms.
  if (!hint.test(line)) return [];
  return forms
    .flatMap(({ kind, severity, form }) =>
      [...line.matchAll(form)].map((match) => ({
        kind,
        severity,
        secret: match.groups?.secret ?? match[0],
      })),
    )
    .filter(({ secret }) => !isPlaceholder(secret));
}

/** What only repeats itself was typed by a person, to stand for a secret: `c0ffee00c0ffee00…`. */
function isPlaceholder(secret: string): boolean {
  return /^(.{1,8})\1+$/.test(secret);
}

const hint =
  /APrivateKey1|AViewKey1|AKIA|ASIA|access_?key|u\+|pager_?duty|routing_?key|integration_?key|slack|xox|gh[opsur]_|github_pat|pul-|PRIVATE KEY/i;
