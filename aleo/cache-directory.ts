import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./environment.ts";

/**
 * Where is kept what can be worked out again: deleted at any time, shared by all checkouts. As the XDG
 * base directory specification wants it, a path that is relative counts as none.
 */
export function cacheDirectory({ XDG_CACHE_HOME: base }: Environment): string {
  return join(base?.startsWith("/") === true ? base : join(homedir(), ".cache"), "aleo-ops");
}
