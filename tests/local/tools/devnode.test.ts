import assert from "node:assert/strict";
import { libcNeed } from "../../../local/tools/devnode.ts";

describe("the libc that the devnode needs", () => {
  for (const [platform, glibc, need] of [
    ["linux", "2.36", "newer"],
    ["linux", "2.37", "newer"],
    ["linux", "2.4", "newer"],
    ["linux", "2.38", "none"],
    ["linux", "2.38.1", "none"],
    ["linux", "2.41", "none"],
    ["linux", "3.0", "none"],
    ["linux", undefined, "unusable"],
    ["darwin", undefined, "none"],
  ] as const) {
    it(`on ${platform} with glibc ${glibc ?? "absent"}: ${need}`, () => {
      assert.equal(libcNeed(platform, glibc), need);
    });
  }
});
