import { performance } from "node:perf_hooks";
import { fire, serve } from "../tests/monitor/dashboard/served.ts";
import { median } from "./measure.ts";
import { storeDays } from "./stored-days.ts";

/**
 * How long each page of the dashboard takes with a day of mainnet in the store:
 * `node bench/dashboard.ts [blocks] [runs]`.
 */
const blocks = Number(process.argv[2] ?? 29_000);
const runs = Number(process.argv[3] ?? 20);
const goalMs = 100;
const programs = [
  "agent_registry_v2.aleo",
  "trust_verifier_v2.aleo",
  "agent_registry_v3.aleo",
  "trust_verifier_v3.aleo",
];

const served = await serve({ programs });
try {
  const { transactions, looks } = storeDays(served.store, {
    ...{ days: 1, blocksPerDay: blocks, programs },
  });
  const incident = fire(served.store, { subject: programs[2] ?? "" });
  const site = await served.server.listen({ host: "127.0.0.1", port: 0 });
  console.log(`The dashboard over ${blocks} blocks, ${transactions} transactions, ${looks} looks`);
  for (const path of [
    "/",
    `/programs/${programs[2] ?? ""}`,
    "/incidents",
    `/incidents/${incident}`,
    "/backups",
    "/escalation",
  ]) {
    const first = await pageTime(site, path);
    const again: number[] = [];
    for (let run = 0; run < runs; run += 1) again.push(await pageTime(site, path));
    const slowest = Math.max(...again);
    console.log(
      `  ${path.padEnd(34)} median ${median(again).toFixed(1)} ms, most ${slowest.toFixed(1)} ms, ` +
        `first ${first.toFixed(1)} ms (goal at most ${goalMs} ms)`,
    );
  }
} finally {
  await served.close();
}

async function pageTime(site: string, path: string): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(site + path);
  await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return performance.now() - begun;
}
