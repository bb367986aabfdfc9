import assert from "node:assert/strict";
import { agreement, endpointCheck } from "../../operations/look/health.ts";
import type { EndpointStatus } from "../../operations/look/node.ts";

const fine: EndpointStatus = {
  endpoint: "https://node.example.org/v2",
  height: 100,
  blockHash: "ab1first",
  blockAgeMs: 4_000,
  lag: 0,
  consensusVersion: 19,
  answeredInMs: 80,
};

describe("the health of an endpoint", () => {
  it("is good while it makes blocks and keeps up", () => {
    assert.equal(endpointCheck(fine, "mainnet").verdict, "good");
    assert.equal(endpointCheck({ ...fine, lag: 5 }, "mainnet").verdict, "good");
  });

  it("is bad where it stands still, but a devnode may", () => {
    const still = { ...fine, blockAgeMs: 121_000 };
    assert.match(endpointCheck(still, "testnet").finding, /no new block for more than 2 min/);
    assert.equal(endpointCheck(still, "testnet").verdict, "bad");
    assert.equal(endpointCheck(still, "local").verdict, "good");
  });

  it("is bad where it lags, or does not answer", () => {
    assert.match(endpointCheck({ ...fine, lag: 6 }, "mainnet").finding, /6 blocks behind/);
    const dead = { endpoint: fine.endpoint, problem: "refused" };
    assert.deepEqual(endpointCheck(dead, "mainnet").verdict, "bad");
  });
});

describe("the endpoints of a network", () => {
  const other = { ...fine, endpoint: "https://other.example.org/v2" };

  it("agree where they serve one block at a height", () => {
    assert.deepEqual(agreement([fine, other, { endpoint: "x", problem: "refused" }]), []);
    assert.deepEqual(agreement([fine, { ...other, height: 99, blockHash: "ab1other" }]), []);
  });

  it("disagree where they serve two", () => {
    const [check] = agreement([fine, { ...other, blockHash: "ab1other" }]);
    assert.equal(check?.verdict, "bad");
    assert.match(check.finding, /2 different blocks at height 100/);
  });
});
