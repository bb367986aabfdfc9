import assert from "node:assert/strict";
import { debianMirror, toInstall } from "../../../local/tools/debian-packages.ts";

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

describe("the packages that apt would install", () => {
  it("are those that the host has not", () => {
    const said = [
      "The following NEW packages will be installed:",
      "  chromium-headless-shell libopus0",
      "Inst libopus0 (1.3.1-3 Debian:12.15/oldstable [amd64])",
      "Inst chromium-headless-shell (150.0-1 Debian:12.15/oldstable [amd64])",
      "Conf libopus0 (1.3.1-3 Debian:12.15/oldstable [amd64])",
    ].join("\n");
    assert.deepEqual(toInstall(said), ["libopus0", "chromium-headless-shell"]);
  });
});
