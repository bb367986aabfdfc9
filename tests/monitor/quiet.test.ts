import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networks } from "../../aleo/network.ts";
import { admin } from "../contracts/accounts.ts";
import { scratchChain } from "../contracts/chain.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { openMonitor } from "./support/monitor.ts";
import { startSimulatedNode } from "./support/simulated-time.ts";

const programs = ["agent_registry_v3.aleo"];
const emptyBlocks = 1_000;
const perPoll = 40;
const blockMs = 3_600_000 / emptyBlocks;

function rulesOf(network: string): string {
  const file = join(import.meta.dirname, "..", "..", "monitor", "rules", `${network}.yaml`);
  return readFileSync(file, "utf8");
}

describe("A quiet hour", function () {
  this.timeout(300_000);
  const chain = scratchChain(admin, ...programs);
  const url = () => chain.node.endpoints[0] ?? "";

  it(`of ${emptyBlocks} empty blocks fires no rule of the project's files`, async () => {
    const fromBlock = (await chain.node.latestHeight()) + 1;
    const begun = Date.now();
    const now = new Date(begun).toISOString();
    const node = await startSimulatedNode(
      url(),
      (height) => begun + (height + 1 - fromBlock) * blockMs,
    );
    const monitors = [];
    for (const network of networks) {
      monitors.push(
        await openMonitor({
          ...{ endpoints: [node.url], programs, fromBlock, rules: rulesOf(network) },
          backups: () =>
            Promise.resolve(
              Object.fromEntries(programs.map((id) => [id, { newest: now, verified: now }])),
            ),
        }),
      );
    }
    try {
      for (let made = 0; made < emptyBlocks; made += perPoll) {
        await createBlocks(url(), perPoll);
        for (const { monitor, clock } of monitors) {
          clock.forward(begun + (made + perPoll) * blockMs - clock.now());
          await monitor.poll();
          const open = monitor.store.alerts.open();
          assert.deepEqual(
            open.filter(({ status }) => status !== "pending"),
            [],
          );
        }
      }
      for (const { monitor } of monitors) {
        assert.deepEqual(monitor.store.alerts.since(0), [], "none has fired and resolved either");
        assert.equal(monitor.status().height, fromBlock + emptyBlocks - 1);
        assert.ok(monitor.status().rules >= 14);
      }
    } finally {
      for (const monitor of monitors) await monitor.close();
      await node.close();
    }
  });
});
