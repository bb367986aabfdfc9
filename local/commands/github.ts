import { setTimeout as sleep } from "node:timers/promises";
import { LocalError, messageOf } from "../errors.ts";

/** One repository on GitHub, as a workflow's job may use it. */
export interface GitHub {
  /** Base URL of the REST API. */
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
  readonly token: string;
}

/**
 * GitHub as a workflow's environment names it: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN.
 * @throws LocalError naming the variable that is not set
 */
export function gitHubOf(env: NodeJS.ProcessEnv): GitHub {
  const variable = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") {
      throw new LocalError(`${name} is not set: there is no GitHub to report to.`, {
        remedy: "A job of a workflow sets it; see .github/workflows and docs/pull-requests.md.",
      });
    }
    return value;
  };
  return {
    api: variable("GITHUB_API_URL"),
    repository: variable("GITHUB_REPOSITORY"),
    token: variable("GITHUB_TOKEN"),
  };
}

/** Where the log of this job is; undefined outside a workflow. */
export function runUrlOf(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  return GITHUB_RUN_ID === undefined
    ? undefined
    : `${GITHUB_SERVER_URL ?? "https://github.com"}/${GITHUB_REPOSITORY ?? ""}/actions/runs/${GITHUB_RUN_ID}`;
}

interface Found {
  readonly id: number;
  readonly number: number;
  readonly body?: string | null;
  readonly user?: { readonly type?: string } | null;
}

/** Writes a pull request's comment: the one with that marker is edited, else a new one is made. */
export async function writeComment(
  gitHub: GitHub,
  pullRequest: number,
  marker: string,
  body: string,
): Promise<"edited" | "made"> {
  const comments = `issues/${pullRequest}/comments`;
  const own = await findMarked(gitHub, `${comments}?per_page=${perPage}`, marker);
  if (own === undefined) await request(gitHub, "POST", comments, { body });
  else await request(gitHub, "PATCH", `issues/comments/${own.id}`, { body });
  return own === undefined ? "made" : "edited";
}

/** The issue to write, found by its marker among the open ones with the label. */
export interface WantedIssue {
  readonly marker: string;
  readonly title: string;
  readonly body: string;
}

/** Opens the issue, or updates the one that is open; gives back its number. */
export async function openIssue(
  gitHub: GitHub,
  label: string,
  { marker, title, body }: WantedIssue,
): Promise<number> {
  const own = await findOpenIssue(gitHub, label, marker);
  if (own === undefined) {
    const made = await request(gitHub, "POST", "issues", { title, body, labels: [label] });
    return (made as Found).number;
  }
  await request(gitHub, "PATCH", `issues/${own.number}`, { title, body });
  return own.number;
}

/** Closes the open issue with that marker with a last word; undefined where there is none. */
export async function closeIssue(
  gitHub: GitHub,
  label: string,
  marker: string,
  lastWord: string,
): Promise<number | undefined> {
  const own = await findOpenIssue(gitHub, label, marker);
  if (own === undefined) return undefined;
  await request(gitHub, "POST", `issues/${own.number}/comments`, { body: lastWord });
  await request(gitHub, "PATCH", `issues/${own.number}`, {
    state: "closed",
    state_reason: "completed",
  });
  return own.number;
}

/** What an environment asks for before a job may enter it. */
export interface GitHubEnvironment {
  readonly protectionRules: readonly {
    readonly type: string;
    readonly reviewers?: readonly unknown[];
  }[];
}

/** An environment of the repository; the token needs `actions: read`. */
export async function environmentOf(gitHub: GitHub, name: string): Promise<GitHubEnvironment> {
  const found = await request(gitHub, "GET", `environments/${encodeURIComponent(name)}`);
  const { protection_rules: rules = [] } = found as {
    readonly protection_rules?: GitHubEnvironment["protectionRules"];
  };
  return { protectionRules: rules };
}

function findOpenIssue(gitHub: GitHub, label: string, marker: string): Promise<Found | undefined> {
  const query = new URLSearchParams({ state: "open", labels: label, per_page: String(perPage) });
  return findMarked(gitHub, `issues?${query.toString()}`, marker);
}

const perPage = 100;

/** Anybody may write a marker: only what a workflow wrote itself is taken for its own. */
async function findMarked(
  gitHub: GitHub,
  path: string,
  marker: string,
): Promise<Found | undefined> {
  for (let page = 1; ; page++) {
    const found = (await request(gitHub, "GET", `${path}&page=${page}`)) as readonly Found[];
    const own = found.find(
      ({ body, user }) => user?.type === "Bot" && body?.startsWith(marker) === true,
    );
    if (own !== undefined || found.length < perPage) return own;
  }
}

const attempts = 3;
const longestWaitMs = 30_000;
const answerMs = 30_000;

/** @throws LocalError when GitHub refuses, or does not answer after three attempts */
async function request(
  gitHub: GitHub,
  method: "GET" | "POST" | "PATCH",
  path: string,
  body?: object,
): Promise<unknown> {
  const url = `${gitHub.api}/repos/${gitHub.repository}/${path}`;
  for (let attempt = 1; ; attempt++) {
    const { answer, problem } = await attemptOnce(url, gitHub.token, method, body);
    if (answer?.ok === true) return answer.json();
    // Sent once more, a POST that did arrive would write twice: only what GitHub refused is repeated.
    const isTemporary =
      answer === undefined
        ? method !== "POST"
        : [429, 502, 503, 504].includes(answer.status) ||
          (answer.status === 403 && answer.headers.has("retry-after"));
    if (!isTemporary || attempt === attempts) {
      throw new LocalError(`${method} ${url}: ${problem}`, {
        remedy:
          answer?.status === 401 || answer?.status === 403 || answer?.status === 404
            ? "Look at the `permissions` of the workflow: a comment needs pull-requests: write, an issue issues: write, an environment actions: read."
            : "Run the job again.",
      });
    }
    const asked = Number(answer?.headers.get("retry-after") ?? Number.NaN) * 1_000;
    await sleep(Math.min(Number.isNaN(asked) ? attempt * 1_000 : asked, longestWaitMs));
  }
}

async function attemptOnce(url: string, token: string, method: string, body?: object) {
  try {
    const answer = await fetch(url, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(answerMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const problem = answer.ok ? "" : `${answer.status} ${(await answer.text()).slice(0, 500)}`;
    return { answer, problem };
  } catch (error) {
    return { answer: undefined, problem: `no answer (${messageOf(error)})` };
  }
}
