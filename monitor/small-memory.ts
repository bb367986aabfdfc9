import { setFlagsFromString } from "node:v8";

/**
 * Has this process collect its garbage early rather than let its memory grow: what a block is parsed
 * into lives for a moment, and by itself V8 would keep room for hundreds of megabytes of it. Both
 * flags are read whenever memory is asked for, so they hold from now on. Costs some CPU time while
 * the chain is caught up with.
 */
export function keepMemorySmall(): void {
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--semi-space-growth-factor=1");
}
