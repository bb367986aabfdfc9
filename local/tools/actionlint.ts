import { join } from "node:path";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { buildGo } from "./go-build.ts";
import type { Progress } from "./tool.ts";

const actionlintVersion = "1.7.12";

const module = "github.com/rhysd/actionlint";

/**
 * The checker of GitHub's workflows, built from its Go module where it is not in the cache: seconds.
 *
 * @throws LocalError without Go, or when the build fails
 */
export async function ensureActionlint(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const directory = await ensureCached({
    directory: join(cacheDirectory(env), "actionlint", actionlintVersion),
    make: (aside) =>
      buildGo(
        {
          name: `actionlint ${actionlintVersion}`,
          module: join(import.meta.dirname, "actionlint"),
          packages: [`${module}/cmd/actionlint`],
          versionFlag: `${module}.version=v${actionlintVersion}`,
          output: join(aside, "actionlint"),
          why: `actionlint ${actionlintVersion} is built from its Go module`,
        },
        progress,
        env,
      ),
    progress,
  });
  return join(directory, "actionlint");
}
