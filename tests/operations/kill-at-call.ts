/**
 * Loaded into a process (`node --import`): kills it with SIGKILL right before its call number KILL_AT
 * of a function that changes something in a folder.
 */
import { promises } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const killAt = Number(process.env.KILL_AT);
let calls = 0;

function counted<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    calls += 1;
    if (calls === killAt) process.kill(process.pid, "SIGKILL");
    return call(...args);
  };
}

promises.mkdir = counted(promises.mkdir) as typeof promises.mkdir;
promises.open = counted(promises.open);
promises.link = counted(promises.link);
promises.rm = counted(promises.rm);
syncBuiltinESMExports();
