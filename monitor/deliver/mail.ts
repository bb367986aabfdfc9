import { createHash } from "node:crypto";
import type { SendMailOptions, Transporter } from "nodemailer";
import type { Notice } from "../alert/notices.ts";
import type { Outcome, Route } from "./route.ts";

export interface MailSettings {
  /** `smtps://user:password@host:465` or `smtp://…:587`. */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

const timeoutMs = 10_000;
const longestSubject = 200;
const longestProblem = 300;

const headings = {
  trigger: "",
  acknowledge: "Acknowledged: ",
  resolve: "Resolved: ",
} as const;

/**
 * E-mail over SMTP. The mails of one incident are one thread; a mail that is sent again has the same
 * Message-ID, so that a mailbox shows it once.
 */
export function mail(settings: MailSettings): Route {
  let transport: Transporter | undefined;
  return {
    name: "mail",
    takes: () => true,
    send: async (notice) => {
      transport ??= await connectedTo(settings.url);
      try {
        const { rejectedErrors = [] } = (await transport.sendMail(mailOf(notice, settings))) as {
          rejectedErrors?: unknown[];
        };
        return partlyRefused(rejectedErrors, settings.to.length);
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}

async function connectedTo(url: string): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const { username, password, hostname } = new URL(url);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return createTransport({
    url,
    // A password goes out only over TLS.
    requireTLS: (username !== "" || password !== "") && !isHere,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function mailOf(notice: Notice, { from, to }: MailSettings): SendMailOptions {
  const { action, severity, details = "" } = notice;
  const idOf = (part: Notice["action"]) => messageId(notice.dedupKey, part, from);
  const isFirst = action === "trigger";
  const lines = linesOf(notice);
  return {
    from,
    to: [...to],
    subject: `${isFirst ? "" : "Re: "}${subjectOf(notice)}`,
    messageId: idOf(action),
    ...(isFirst ? {} : { inReplyTo: idOf("trigger"), references: [idOf("trigger")] }),
    ...(isFirst && severity === "critical" ? { priority: "high" as const } : {}),
    headers: { "Auto-Submitted": "auto-generated" },
    text: `${[headlineOf(notice), "", ...lines.map(([name, value]) => `${name}: ${value}`), ...(details === "" ? [] : ["", details])].join("\n")}\n`,
    html: htmlOf(headlineOf(notice), lines, details),
  };
}

/** The same for all mails of an incident: a thread has one subject. */
function subjectOf({ network, severity, summary, test }: Notice): string {
  const text = `[aleo-ops ${network}] ${testMark(test)}${severity}: ${summary}`;
  return text.length > longestSubject ? `${text.slice(0, longestSubject - 1)}…` : text;
}

function headlineOf({ action, summary, test }: Notice): string {
  return `${testMark(test)}${headings[action]}${summary}`;
}

function testMark(test: boolean): string {
  return test ? "TEST, nothing is wrong: " : "";
}

function linesOf(notice: Notice): [name: string, value: string][] {
  const { severity, rule, subject, network, value, height, time, runbook, dedupKey } = notice;
  return [
    ["Severity", severity],
    ["Rule", rule],
    ["Subject", subject],
    ["Network", height === undefined ? network : `${network}, block ${height}`],
    ["Measured", value],
    ["Time", time],
    ...(runbook === undefined ? [] : [["What to do", runbook] as [string, string]]),
    ["Incident", dedupKey],
  ];
}

function htmlOf(
  headline: string,
  lines: readonly (readonly [string, string])[],
  details: string,
): string {
  const rows = lines.map(
    ([name, value]) =>
      `<tr><th align="left" scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><body><p><strong>${escaped(headline)}</strong></p><table>${rows.join("")}</table>${details === "" ? "" : `<pre>${escaped(details)}</pre>`}</body></html>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}

function messageId(dedupKey: string, action: Notice["action"], from: string): string {
  const incident = createHash("sha256").update(dedupKey).digest("hex").slice(0, 32);
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? "aleo-ops.invalid";
  return `<${incident}.${action}@${domain}>`;
}

/** Some mailboxes took it: who did not for now is tried again, and the others know the mail by its id. */
function partlyRefused(errors: readonly unknown[], all: number): Outcome {
  const outcomes = errors.map(outcomeOf);
  const later = outcomes.find(({ kind }) => kind === "failed");
  if (later !== undefined) return later;
  const [never] = outcomes;
  return never?.kind === "refused"
    ? {
        kind: "refused",
        problem: `${errors.length} of ${all} mailboxes did not take it: ${never.problem}`,
      }
    : { kind: "sent" };
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 4yz is for now, 5yz is for good. */
function outcomeOf(error: unknown): Outcome {
  const { code, responseCode, response } = error as {
    code?: string;
    responseCode?: number;
    response?: string;
  };
  if (responseCode === undefined) {
    return code === "EENVELOPE"
      ? { kind: "refused", problem: "the sender or a recipient is no address" }
      : { kind: "failed", problem: `the mail server can't be used (${code ?? "no reason given"})` };
  }
  const problem = `SMTP ${(response ?? String(responseCode)).slice(0, longestProblem)}`;
  // A password that is corrected later still lets the mail go out.
  const isForGood = responseCode >= 500 && code !== "EAUTH";
  return isForGood ? { kind: "refused", problem } : { kind: "failed", problem };
}
