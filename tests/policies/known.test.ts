import assert from "node:assert/strict";
import { unknownCheckingProxy, unknownStringValue } from "@pulumi/policy/proxy.js";
import { at, known, unknown } from "../../policies/known.ts";

describe("what is known of a resource's properties", () => {
  it("is copied, and what a preview does not know is marked, however deep", () => {
    const properties = unknownCheckingProxy({
      bucket: unknownStringValue,
      rules: [{ key: unknownStringValue, algorithm: "aws:kms" }, unknownStringValue],
      tags: {},
      none: null,
    }) as object;
    assert.deepEqual(known(properties), {
      bucket: unknown,
      rules: [{ key: unknown, algorithm: "aws:kms" }, unknown],
      tags: {},
      none: null,
    });
  });

  it("is found by its path, unknown where a part of the path is", () => {
    const value = { spec: { template: unknown, replicas: 1, list: [1] } };
    assert.equal(at(value, "spec", "replicas"), 1);
    assert.equal(at(value, "spec", "template", "spec"), unknown);
    assert.equal(at(value, "spec", "none", "spec"), undefined);
    assert.equal(at(value, "spec", "list", "0"), undefined);
  });
});
