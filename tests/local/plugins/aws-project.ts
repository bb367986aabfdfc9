import { join } from "node:path";
import { type Aws, awsEnvironment, startAws } from "../../../local/aws/aws.ts";
import { freePort } from "../../../local/ports.ts";
import { ensureProviderPlugins } from "../../../local/tools/provider-plugins.ts";
import { createPulumiProject, type PulumiProject } from "../../support/pulumi-project.ts";

export interface AwsProject {
  readonly aws: Aws;
  readonly project: PulumiProject;
  dispose(): Promise<void>;
}

/** A Pulumi project with a local AWS of its own and the stand-in for its provider. */
export async function createAwsProject(program: string): Promise<AwsProject> {
  // Its folder is where the account is kept, so the program has to be there first.
  const port = await freePort();
  const env = awsEnvironment(`http://127.0.0.1:${port}`);
  const project = await createPulumiProject({ program, env });
  try {
    const own = join(project.directory, ".pulumi-test");
    await ensureProviderPlugins(
      // Never asked: nothing listens at the source.
      { binary: "pulumi", source: "path" },
      { PULUMI_HOME: join(own, "home") },
      () => undefined,
      { standIns: true, source: `http://127.0.0.1:${await freePort()}` },
    );
    const aws = await startAws({
      directory: join(own, "aws"),
      port,
      logFile: join(own, "aws.log"),
    });
    return {
      aws,
      project,
      dispose: async () => {
        await aws.stop();
        project.dispose();
      },
    };
  } catch (error) {
    project.dispose();
    throw error;
  }
}
