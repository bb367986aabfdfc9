import { performance } from "node:perf_hooks";

/** Where the time of a process's first transaction goes: prints one JSON object of milliseconds. */
const [url = ""] = process.argv.slice(2);
const spent: Record<string, number> = {};
async function timed<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await work();
  spent[name] = Math.round(performance.now() - start);
  return result;
}

const sdk = await timed("load the SDK and its wasm", () => import("@provablehq/sdk/testnet.js"));
const { connect } = await import("../aleo/node/client.ts");
const { PrivateKey } = await import("../aleo/keys.ts");
const { unprovenBuilder } = await import("../aleo/transaction/unproven-builder.ts");
const { sampleProgram } = await import("./sample-program.ts");
sdk.setLogLevel("silent");
await timed("tables of the BHP hashes (256, 512, 768, 1024)", () => {
  for (const Hash of [sdk.BHP256, sdk.BHP512, sdk.BHP768, sdk.BHP1024]) new Hash().free();
});
const node = connect({ network: "local", endpoints: [url] });
const builder = unprovenBuilder(
  node,
  new PrivateKey(process.env.ALEO_PRIVATE_KEY ?? "", "ALEO_PRIVATE_KEY"),
  { devnode: true },
);
const build = (id: string) =>
  builder.deployment({
    programId: id,
    source: sampleProgram(id),
    edition: 0,
    imports: {},
    priorityFee: 0n,
  });
await timed("first deployment built, with the rest of the set-up", () => build("bench_first.aleo"));
await timed("second deployment built", () => build("bench_second.aleo"));
const memory = Math.round(process.memoryUsage.rss() / 1e6);
console.log(JSON.stringify({ milliseconds: spent, megabytes: memory }));
process.exit();
