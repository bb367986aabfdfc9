/** What a text gives away, by its form alone. */
const forms: readonly (readonly [kind: string, form: RegExp])[] = [
  ["an Aleo private key", /APrivateKey1[0-9A-Za-z]{8,}/],
  ["an Aleo view key", /AViewKey1[0-9A-Za-z]{8,}/],
  ["an AWS access key", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a PagerDuty API key", /^u\+[\w-]{18}$/],
  ["a PagerDuty integration key", /^(?:[0-9a-f]{32}|R[0-9A-Z]{31})$/],
  ["a Slack webhook", /hooks\.slack\.com\/(?:services|workflows|triggers)\/\w/],
  ["a Slack token", /\bxox[abeoprs]-[\w-]{10,}/],
  ["a GitHub token", /\b(?:gh[opsur]_|github_pat_)\w{20,}/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a JSON web token", /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/],
  ["a URL with a password", /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i],
];

/** What secret the text looks like; undefined where it looks like none. */
export function secretIn(text: string): string | undefined {
  return forms.find(([, form]) => form.test(text.trim()))?.[0];
}

const names = /(?:^|_)(?:KEY|TOKEN|PASSWD|PASSPHRASE|CREDENTIALS?)$|SECRET|PASSWORD/i;
/** Where a secret is, or what it is called, is no secret. */
const places = /_(?:FILE|PATH|DIR|NAME|ARN)$|(?:PUBLIC|KMS)_KEY$/i;

/** Whether a variable of that name holds a secret by all custom: `PAGERDUTY_TOKEN`. */
export function isNamedAsSecret(variable: string): boolean {
  return names.test(variable) && !places.test(variable);
}
