// Loaded into every Node process of a run (NODE_OPTIONS): notes each load of the SDK's wasm in the
// file that WASM_LOADS names.
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  load: (url, context, next) => {
    const file = process.env.WASM_LOADS;
    if (file !== undefined && url.includes("/@provablehq/wasm/")) appendFileSync(file, `${url}\n`);
    return next(url, context);
  },
});
