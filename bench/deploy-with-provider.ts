import type { ProgramInputs } from "../dynamic-providers/implementation/program.ts";
import { check, configure, create } from "../dynamic-providers/implementation/program.ts";
import { sampleProgram } from "./sample-program.ts";

const [id = "", url = ""] = process.argv.slice(2);
const config: Record<string, string> = {
  "aleo-ops:network": "local",
  "aleo-ops:endpoints": JSON.stringify([url]),
  "aleo-ops:maxFee": "100000000",
};
configure((key) => config[key]);
const { inputs, failures } = await check({} as ProgramInputs, { source: sampleProgram(id) });
if (failures !== undefined) throw new Error(JSON.stringify(failures));
await create(inputs);
process.exit();
