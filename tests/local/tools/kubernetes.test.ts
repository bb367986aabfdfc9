import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../../../local/errors.ts";
import { projectDirectory } from "../../../local/paths.ts";
import {
  ensureKubernetes,
  findKubernetes,
  kubernetesVersion,
  reportKubernetes,
} from "../../../local/tools/kubernetes.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

describe("the Kubernetes control plane", () => {
  let scratch: TemporaryDirectory;
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    scratch = temporaryDirectory("kubernetes");
    env = { PATH: scratch.path, XDG_CACHE_HOME: join(scratch.path, "cache") };
  });
  afterEach(() => {
    scratch.remove();
  });

  it("says what to install where Go is not there", async () => {
    assert.equal(findKubernetes(env), undefined);
    const report = reportKubernetes(env);
    assert.equal(report.status, "missing");
    assert.match(report.remedy ?? "", /Install Go/);
    await assert.rejects(
      ensureKubernetes(() => undefined, env),
      (error: unknown) =>
        error instanceof LocalError &&
        error.message.includes("Go, which would build it, is not on PATH"),
    );
    assert.equal(findKubernetes(env), undefined);
  });

  it("is pinned to one version, in the locked Go module as well", () => {
    const module = join(projectDirectory, "local/tools/kubernetes-control-plane/go.mod");
    const text = readFileSync(module, "utf8");
    assert.match(
      text,
      new RegExp(`k8s\\.io/kubernetes v${RegExp.escape(kubernetesVersion)}$`, "m"),
    );
    const libraries = text.matchAll(/=> k8s\.io\/\S+ v0\.(\S+)$/gm);
    const versions = new Set(Array.from(libraries, ([, version = ""]) => `1.${version}`));
    assert.deepEqual([...versions], [kubernetesVersion]);
  });
});
