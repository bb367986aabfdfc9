import type { Outcome } from "./route.ts";

const timeoutMs = 10_000;
const longestAnswer = 300;

/** Posts JSON, and reads from the status what became of it. The address is in no problem: it may be secret. */
export async function post(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { request } = await import("undici");
  try {
    const response = await request(address, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = (await response.body.text()).slice(0, longestAnswer);
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return { kind: "sent" };
    const problem = `HTTP ${statusCode}${text === "" ? "" : `, ${text}`}`;
    if (statusCode !== 408 && statusCode !== 429 && statusCode >= 300 && statusCode < 500) {
      return { kind: "refused", problem };
    }
    const wait = waitOf(response.headers["retry-after"]);
    return { kind: "failed", problem, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  } catch (error) {
    return { kind: "failed", problem: reasonOf(error) };
  }
}

function waitOf(retryAfter: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `no answer within ${timeoutMs / 1_000} s`;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "" ? "the request failed" : `the request failed (${code})`;
}
