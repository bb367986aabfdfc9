#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheDirectory } from "../aleo/cache-directory.ts";

// What was compiled once is not compiled again: a command answers in half the time. Not in a
// directory that others may write to; where none can be written, nothing is kept.
enableCompileCache(join(cacheDirectory(process.env), "node-compile-cache"));
await import("./aleo-ops.ts");
