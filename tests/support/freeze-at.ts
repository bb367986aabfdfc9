/**
 * Loaded into every Node process of a run (`node --import`): stops the process for good when it
 * reaches the step that FREEZE_AT names, and writes the step's name to FREEZE_MARKER, so that a test
 * can kill the run at exactly that step. A step is `request:GET /path` or `answer:POST /path`
 * (before a request leaves, after the head of its answer), or `rename:` and `renamed:`, `rm:` and
 * `removed:` with a file's path. What stands behind the colon is a regular expression.
 */
import { subscribe } from "node:diagnostics_channel";
import { promises, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { FREEZE_AT = "", FREEZE_MARKER = "" } = process.env;
const colon = FREEZE_AT.indexOf(":");
const wanted = { step: FREEZE_AT.slice(0, colon), what: new RegExp(FREEZE_AT.slice(colon + 1)) };

function reached(step: string, what: string): void {
  if (step !== wanted.step || !wanted.what.test(what)) return;
  writeFileSync(FREEZE_MARKER, `${step} ${what}`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

if (colon > 0) {
  const ofRequest = (step: string) => (message: unknown) => {
    const { method, path } = (message as { request: { method: string; path: string } }).request;
    reached(step, `${method} ${path}`);
  };
  subscribe("undici:request:create", ofRequest("request"));
  subscribe("undici:request:headers", ofRequest("answer"));
  const { rename, rm } = promises;
  promises.rename = async (from, to) => {
    reached("rename", String(to));
    await rename(from, to);
    reached("renamed", String(to));
  };
  promises.rm = async (path, options) => {
    reached("rm", String(path));
    await rm(path, options);
    reached("removed", String(path));
  };
  syncBuiltinESMExports();
}
