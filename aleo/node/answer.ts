/** What a node's HTTP answer means, whichever dialect of errors the node speaks. */
export type Answer =
  | { readonly kind: "value"; readonly value: unknown }
  /** The node says definitely that the thing asked for is not there. */
  | { readonly kind: "missing"; readonly reason: string }
  /** There is no such route at this address. */
  | { readonly kind: "unserved"; readonly reason: string }
  /** The request itself is wrong or not allowed; repeating it is no use. */
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  | { readonly kind: "rate-limited"; readonly reason: string; readonly retryAfterMs?: number }
  /** The node is there and can't answer now. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly retryAfterMs?: number }
  /** It says that it succeeded, and what it sent is no JSON. */
  | { readonly kind: "malformed"; readonly reason: string };

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
}

interface ErrorText {
  readonly status: number;
  readonly errorType: string | undefined;
  /** Outermost message first, then its causes, as nodes join them. */
  readonly text: string;
}

const longestReason = 400;

function parseJson(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * v2 answers `{message, error_type, chain?}` with a fitting status; v1 and the bare address answer
 * 500 with the same as one line of text, newer ones with the first status behind it: `… (HTTP 429)`
 * (snarkOS node/rest/src/lib.rs, `v1_error_middleware`).
 */
function readError(status: number, body: string): ErrorText {
  const json = parseJson(body)?.value;
  if (isRecord(json) && typeof json.message === "string") {
    const chain: unknown[] = Array.isArray(json.chain) ? json.chain : [];
    const causes = chain.filter((cause) => typeof cause === "string");
    const errorType = json.error_type;
    return {
      status,
      errorType: typeof errorType === "string" ? errorType : undefined,
      text: [json.message, ...causes].join(" — "),
    };
  }
  const text = (typeof json === "string" ? json : body)
    .trim()
    .replace(/^Something went wrong: /, "");
  const carried = status === 500 ? /\(HTTP ([45]\d\d)\)$/.exec(text) : null;
  return { status: carried ? Number(carried[1]) : status, errorType: undefined, text };
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}

function reasonOf({ status, text }: ErrorText): string {
  if (/^<(!doctype|html)/i.test(text)) return `HTTP ${status} with a web page`;
  return text === "" ? `HTTP ${status}` : `HTTP ${status}, ${shorten(text)}`;
}

/** The wait that a node asks for, from `Retry-After` (seconds or a date) or from its words. */
function waitOf(retryAfter: string | undefined, text: string, nowMs: number): number | undefined {
  const header = retryAfter?.trim();
  if (header !== undefined && header !== "") {
    if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
    const date = Date.parse(header);
    if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  }
  const words = /wait for (\d{1,6})s/i.exec(text);
  return words ? Number(words[1]) * 1000 : undefined;
}

const missingThing =
  /\bmissing (program|transaction|confirmed transaction|unconfirmed transaction|latest edition|edition|block|block hash|block header|deployment)\b|does not exist in storage|couldn't find block|\bno program\b.*\bexists\b|is not initialized - cannot get mapping|\b(program|transaction|block|mapping|edition) \S*\s?not found\b/i;

/**
 * Whether these words say that the thing asked for is not there. "Failed to find program" alone
 * does not: nodes put it before any fault of their storage as well.
 */
function saysMissing({ status, errorType, text }: ErrorText, subject: string | undefined): boolean {
  if (subject === undefined) return false;
  if (status === 404 && errorType === "not_found") return true;
  return [404, 500].includes(status) && missingThing.test(text) && text.includes(subject);
}

/** Bad requests that v1 hides behind 500. */
const refusal =
  /^(invalid (path|query|url|json|input|block|transaction)|cannot request more than|transaction size exceeds|block preparation aborted|unable to validate transaction \(node is syncing\))/i;

/** snarkOS answers so, with a 503, where only validators serve a route. */
const otherNodeType = /^route isn't available for this node type/i;

const rateLimit = /^too many (requests|\w+ verifications|verifications)/i;

/**
 * Reads what a node's answer means. Pure, and throws nothing whatever the status and the body.
 *
 * @param subject What was asked for, as it stands in a node's words when it is not there (a program
 * id, a transaction id, a height); without it nothing counts as missing.
 */
export function classify(
  { status, body, retryAfter }: HttpAnswer,
  subject?: string,
  nowMs = Date.now(),
): Answer {
  if (status >= 200 && status < 300) {
    // snarkOS up to 2024 says "Too Many Requests! Wait for 1s" with a 200.
    if (rateLimit.test(body)) {
      return limited("rate-limited", shorten(body), waitOf(retryAfter, body, nowMs));
    }
    const json = parseJson(body);
    if (json) return { kind: "value", value: json.value };
    const shown = body.trim() === "" ? "nothing" : `"${shorten(body).slice(0, 60)}"`;
    return { kind: "malformed", reason: `HTTP ${status} with ${shown} where JSON belongs` };
  }
  const error = readError(status, body);
  const reason = reasonOf(error);
  const waitMs = waitOf(retryAfter, error.text, nowMs);
  if (error.status === 429 || rateLimit.test(error.text)) {
    return limited("rate-limited", reason, waitMs);
  }
  if (saysMissing(error, subject)) return { kind: "missing", reason };
  const isRedirect = error.status >= 300 && error.status < 400;
  if ([404, 405, 501].includes(error.status) || isRedirect || otherNodeType.test(error.text)) {
    return { kind: "unserved", reason };
  }
  if ((error.status >= 400 && error.status < 500) || refusal.test(error.text)) {
    return { kind: "refused", status: error.status, reason };
  }
  return limited("unavailable", reason, waitMs);
}

function limited(
  kind: "rate-limited" | "unavailable",
  reason: string,
  retryAfterMs: number | undefined,
): Answer {
  return retryAfterMs === undefined ? { kind, reason } : { kind, reason, retryAfterMs };
}
