import assert from "node:assert/strict";
import { heartbeatOf, logOptions, monitorSettings, routesOf } from "../../monitor/settings.ts";

describe("the settings of a monitor", () => {
  it("count a variable that is empty as not set", () => {
    const empty = new Proxy<Record<string, string>>({}, { get: () => "" });
    assert.deepEqual(monitorSettings("testnet", empty), monitorSettings("testnet", {}));
    assert.deepEqual(routesOf(empty, Date.now), []);
    assert.equal(heartbeatOf(empty), undefined);
    assert.deepEqual(logOptions(empty), logOptions({}));
  });
});
