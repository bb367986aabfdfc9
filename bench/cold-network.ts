/** `make up` of the whole network local with empty caches: tools are got or built first. npm's packages are there. */
import { join } from "node:path";
import { temporaryDirectory } from "../tests/support/temporary-directory.ts";
import { createWholeProject } from "../tests/whole-network/project.ts";
import { seconds } from "./measure.ts";

const scratch = temporaryDirectory("cold");
const cold = {
  XDG_CACHE_HOME: join(scratch.path, "cache"),
  GOPATH: join(scratch.path, "go"),
  // Go writes its modules read-only, and then nobody can delete them.
  GOFLAGS: "-modcacherw",
};
const project = await createWholeProject();
const timed = (...args: readonly string[]) =>
  seconds(async () => {
    await project.must(args, cold);
  });
try {
  console.log("The whole network local with empty caches");
  console.log(`  ${((await timed("tools")) / 60).toFixed(1)} min  the tools`);
  console.log(`  ${(await timed("up", "--json")).toFixed(1)} s  \`up\` after them`);
  await project.must(["down"], cold);
  console.log(
    `  ${(await timed("up", "--json")).toFixed(1)} s  \`up\` after \`down\`, caches warm\n`,
  );
} finally {
  await project.dispose();
  scratch.remove();
}
