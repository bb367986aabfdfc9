import { createHash } from "node:crypto";

/** PagerDuty takes 255 characters. */
const longest = 255;

/**
 * The name of one incident for its receivers. It is the same whenever the same blocks are read
 * again, so that a monitor with a new database does not page twice for one matter.
 * @param firedAt ms since 1970
 */
export function dedupKey(network: string, rule: string, subject: string, firedAt: number): string {
  const time = new Date(firedAt).toISOString().replace(/[-:]|\.\d+/g, "");
  const key = `aleo-ops/${network}/${rule}/${subject}/${time}`;
  if (key.length <= longest) return key;
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${key.slice(0, longest - digest.length - 1)}-${digest}`;
}
