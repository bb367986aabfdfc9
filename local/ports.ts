import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { execa } from "execa";
import { LocalError } from "./errors.ts";
import { findOnPath } from "./tools/executable.ts";

export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

/** A process that was killed counts as gone while its last threads still hold its port. */
const patienceMs = 1_000;

/** @throws LocalError that names the port and, as far as it can be seen, the process that holds it */
export async function requireFreePort(port: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await isFree(port))) {
    if (Date.now() > deadline) throw await inUse(port);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function inUse(port: number): Promise<LocalError> {
  const holder = await findPortHolder(port);
  const who =
    holder === undefined ? "a process of another user" : `${holder.name} (process ${holder.pid})`;
  return new LocalError(`Port ${port} is in use by ${who}.`, {
    remedy: `End that process, or take another port: make up PORT=${port + 1}.`,
  });
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the system gave no port"));
      });
    });
  });
}

export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  return process.platform === "linux" ? holderFromProc(port) : holderFromLsof(port);
}

/** Listening sockets of /proc/net/tcp (state 0A), matched to the process that has them open. */
function holderFromProc(port: number): PortHolder | undefined {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listeningInodes(file, port)),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
        const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
        if (inode !== undefined && inodes.has(inode)) {
          return { pid: Number(pid), name: readFileSync(`/proc/${pid}/comm`, "utf8").trim() };
        }
      }
    } catch {
      // Ended meanwhile, or of another user.
    }
  }
  return undefined;
}

function listeningInodes(file: string, port: number): string[] {
  let table: string;
  try {
    table = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local, , state] = fields;
    const inode = fields[9];
    return local?.endsWith(`:${hex}`) && state === "0A" && inode !== undefined ? [inode] : [];
  });
}

async function holderFromLsof(port: number): Promise<PortHolder | undefined> {
  if (findOnPath("lsof", process.env) === undefined) return undefined;
  const { stdout } = await execa("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-F", "pc"], {
    reject: false,
  });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const name = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined ? undefined : { pid: Number(pid), name: name ?? "unknown" };
}
