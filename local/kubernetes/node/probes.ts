import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { connect } from "node:net";
import { execa } from "execa";
import type { Container, Probe } from "../wire.ts";
import type { Command } from "./run.ts";

/** How a container is reached. */
export interface Access {
  /** The address of its pod. */
  readonly address: string;
  /** A command that is run beside the container's process: with its environment, in its directory. */
  readonly exec: (command: readonly string[]) => Command;
}

export type Action = Pick<Probe, "exec" | "httpGet" | "tcpSocket">;

/** Asks once. Undefined where the answer is good, else why it is not. */
export async function ask(
  action: Action,
  container: Container,
  { address, exec }: Access,
  timeoutMs: number,
): Promise<string | undefined> {
  const { httpGet, tcpSocket } = action;
  if (httpGet !== undefined) {
    const port = portOf(container, httpGet.port);
    const scheme = httpGet.scheme === "HTTPS" ? "https" : "http";
    const url = `${scheme}://${httpGet.host ?? address}:${port}${withSlash(httpGet.path)}`;
    const headers = Object.fromEntries(
      (httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]),
    );
    return askHttp(url, headers, timeoutMs);
  }
  if (tcpSocket !== undefined) {
    return askTcp(tcpSocket.host ?? address, portOf(container, tcpSocket.port), timeoutMs);
  }
  if (action.exec !== undefined) return askCommand(exec(action.exec.command ?? []), timeoutMs);
  return "this node has no gRPC probes";
}

function withSlash(path: string | undefined): string {
  return path === undefined ? "/" : path.startsWith("/") ? path : `/${path}`;
}

function portOf(container: Container, port: unknown): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? Number(port);
}

function askHttp(
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const options = {
    agent: false as const,
    headers: { "user-agent": "kube-probe/1.36", ...headers },
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(timeoutMs),
  };
  try {
    const outgoing = url.startsWith("https:") ? getHttps(url, options) : getHttp(url, options);
    outgoing.once("response", (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      response.once("error", () => undefined);
      resolve(
        statusCode >= 200 && statusCode < 400
          ? undefined
          : `HTTP probe failed with statuscode: ${statusCode}`,
      );
    });
    outgoing.once("error", (error) => {
      const why =
        error.name === "AbortError" ? `no answer in ${timeoutMs / 1000} s` : error.message;
      resolve(`Get "${url}": ${why}`);
    });
  } catch (error) {
    resolve(`Get "${url}": ${error instanceof Error ? error.message : String(error)}`);
  }
  return promise;
}

function askTcp(host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, timeout: timeoutMs });
  const end = (reason: string | undefined) => {
    socket.destroy();
    resolve(reason);
  };
  socket.once("connect", () => {
    end(undefined);
  });
  socket.once("timeout", () => {
    end(`dial tcp ${host}:${port}: no answer in ${timeoutMs / 1000} s`);
  });
  socket.once("error", (error) => {
    end(`dial tcp ${host}:${port}: ${error.message}`);
  });
  return promise;
}

async function askCommand(command: Command, timeoutMs: number): Promise<string | undefined> {
  const { file, args, directory, env } = command;
  const result = await execa(file, args, {
    cwd: directory,
    env,
    extendEnv: false,
    reject: false,
    all: true,
    stdin: "ignore",
    timeout: timeoutMs,
    forceKillAfterDelay: 1_000,
    maxBuffer: 10_000,
  });
  if (!result.failed) return undefined;
  if (result.timedOut) return `command timed out after ${timeoutMs / 1000} s`;
  return `command ended with code ${result.exitCode ?? "none"}: ${result.all.slice(-500)}`;
}

export interface Verdicts {
  /** The container is up: other probes and containers may begin. */
  readonly started: () => void;
  readonly ready: (ready: boolean) => void;
  /** The container is to be restarted; the text says why. */
  readonly unhealthy: (reason: string) => void;
  readonly failed: (probe: string, reason: string) => void;
}

/**
 * The probes of one run of a container: the startup probe first, then the others beside each other,
 * until `stop`.
 */
export class ProbeLoop {
  readonly #container: Container;
  readonly #access: Access;
  readonly #verdicts: Verdicts;
  readonly #stopped = new AbortController();

  constructor(container: Container, access: Access, verdicts: Verdicts) {
    this.#container = container;
    this.#access = access;
    this.#verdicts = verdicts;
  }

  /** @param alreadyStarted the container was up before this node began */
  begin(alreadyStarted: boolean): void {
    const { startupProbe } = this.#container;
    if (startupProbe === undefined || alreadyStarted) {
      this.#started();
      return;
    }
    void this.#loop("Startup", startupProbe, {
      passed: () => {
        this.#started();
        return true;
      },
      exhausted: (reason) => {
        this.#verdicts.unhealthy(`startup probe failed: ${reason}`);
        return true;
      },
    });
  }

  stop(): void {
    this.#stopped.abort();
  }

  #started(): void {
    const { readinessProbe, livenessProbe } = this.#container;
    this.#verdicts.started();
    if (livenessProbe !== undefined) {
      void this.#loop("Liveness", livenessProbe, {
        passed: () => false,
        exhausted: (reason) => {
          this.#verdicts.unhealthy(`liveness probe failed: ${reason}`);
          return true;
        },
      });
    }
    if (readinessProbe === undefined) {
      this.#verdicts.ready(true);
      return;
    }
    void this.#loop("Readiness", readinessProbe, {
      passed: () => {
        this.#verdicts.ready(true);
        return false;
      },
      exhausted: () => {
        this.#verdicts.ready(false);
        return false;
      },
    });
  }

  /** Asks again and again; what the handlers give back says whether it is over. */
  async #loop(
    name: string,
    probe: Probe,
    on: { readonly passed: () => boolean; readonly exhausted: (reason: string) => boolean },
  ): Promise<void> {
    const { signal } = this.#stopped;
    const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1 } = probe;
    const { successThreshold = 1, failureThreshold = 3 } = probe;
    let passes = 0;
    let failures = 0;
    await pause(initialDelaySeconds * 1_000, signal);
    while (!signal.aborted) {
      const reason = await ask(probe, this.#container, this.#access, timeoutSeconds * 1_000);
      if (isOver(signal)) return;
      if (reason === undefined) {
        failures = 0;
        if (++passes >= successThreshold && on.passed()) return;
      } else {
        passes = 0;
        this.#verdicts.failed(name, reason);
        if (++failures >= failureThreshold && on.exhausted(reason)) return;
      }
      await pause(periodSeconds * 1_000, signal);
    }
  }
}

function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve(undefined);
  };
  const timer = setTimeout(end, ms);
  signal.addEventListener("abort", end);
  await promise;
}
