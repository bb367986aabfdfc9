import { redact } from "../aleo/keys.ts";

const secretName =
  /KEY|SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|^ALERT_WEBHOOK|^SMTP_URL$|^HEARTBEAT_URL$/;
/** What is shorter may be a word that is in a log anyway. */
const shortest = 8;

/**
 * The values in an environment that nobody but this process may see, and the parts of addresses that
 * make them secret: path, query and password.
 */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(environment).flatMap(([name, value = ""]) =>
    secretName.test(name) ? [value, ...partsOf(value)] : [],
  );
  return [...new Set(values)].filter(({ length }) => length >= shortest);
}

/** Blots out secrets, and whatever looks like a key, a token or an address with a password. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // As they stand in JSON as well; the longest first, so that none leaves a rest of another.
  const known = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .toSorted((one, other) => other.length - one.length);
  return (text) => {
    let shown = redact(text);
    for (const secret of known) shown = shown.replaceAll(secret, "[secret]");
    return shown
      .replace(/(hooks\.slack\.com\/services\/)[\w/-]+/g, "$1[secret]")
      .replace(/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, "$1 [secret]")
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"]+@/gi, "$1[secret]@");
  };
}

function partsOf(value: string): string[] {
  const url = URL.parse(value);
  if (url === null || url.host === "") return [];
  const { pathname, search, password } = url;
  return [pathname, search, `${pathname}${search}`, password, decodeURIComponent(password)];
}
