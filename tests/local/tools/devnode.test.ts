import assert from "node:assert/strict";
import { libcNeed } from "../../../local/tools/devnode.ts";
import { debianMirror } from "../../../local/tools/newer-libc.ts";

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

describe("the Debian mirror of the host", () => {
  it("is that of the distribution, not of its security updates or of others", () => {
    assert.equal(
      debianMirror(
        [
          "# deb http://old.example/debian trixie main",
          "deb http://packages.example/apt stable main",
          "deb http://mirror.example/debian-security bookworm-security main",
          "deb [signed-by=/a/key] http://mirror.example/debian bookworm main",
        ].join("\n"),
      ),
      "http://mirror.example/debian",
    );
  });

  it("is found in the newer format of the sources too", () => {
    const sources = "Types: deb\nURIs: https://mirror.example/debian/\nSuites: bookworm\n";
    assert.equal(debianMirror(sources), "https://mirror.example/debian");
  });

  it("is unknown on a host of another distribution", () => {
    assert.equal(debianMirror("deb http://mirror.example/ubuntu noble main\n"), undefined);
  });
});
