/**
 * What must not reach a page on the web, whatever brought it into the text: Aleo's private and view
 * keys (as `redact` of aleo/keys.ts, which local/ does not import), AWS access keys, passwords in URLs,
 * Slack webhooks. Pulumi blots out by itself what it knows as a secret.
 */
const forms: readonly (readonly [form: RegExp, instead: string])[] = [
  [/A(?:PrivateKey1|ViewKey1)[0-9a-zA-Z]{8,}/g, "[key]"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, "[key]"],
  [/(hooks\.slack\.com\/\w+\/)[\w/-]+/g, "$1[key]"],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/gi, "$1[password]"],
];

export function redact(text: string): string {
  return forms.reduce((rest, [form, instead]) => rest.replace(form, instead), text);
}
