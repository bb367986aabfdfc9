import assert from "node:assert/strict";
import * as internal from "@pulumi/policy/proxy.js";
import { at, known, unknown, type Value } from "../../policies/known.ts";

/** What Pulumi hands to a policy; its types do not show it. */
const { unknownCheckingProxy, unknownStringValue } = internal as unknown as {
  unknownCheckingProxy: (properties: object) => object;
  unknownStringValue: string;
};

describe("what is known of a resource's properties", () => {
  it("is copied, and what a preview does not know is marked, however deep", () => {
    const properties = unknownCheckingProxy({
      bucket: unknownStringValue,
      rules: [{ key: unknownStringValue, algorithm: "aws:kms" }, unknownStringValue],
      tags: {},
      none: null,
    });
    assert.deepEqual(known(properties), {
      bucket: unknown,
      rules: [{ key: unknown, algorithm: "aws:kms" }, unknown],
      tags: {},
      none: null,
    });
  });

  it("is found by its path, unknown where a part of the path is", () => {
    const value: Value = { spec: { template: unknown, replicas: 1, list: [1] } };
    assert.equal(at(value, "spec", "replicas"), 1);
    assert.equal(at(value, "spec", "template", "spec"), unknown);
    assert.equal(at(value, "spec", "none", "spec"), undefined);
    assert.equal(at(value, "spec", "list", "0"), undefined);
  });
});
