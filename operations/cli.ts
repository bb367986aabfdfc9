#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// What was compiled once is not compiled again: a command answers in half the time. Not in a
// directory that others may write to; where none can be written, nothing is kept.
enableCompileCache(
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "aleo-ops", "node-compile-cache"),
);
await import("./aleo-ops.ts");
