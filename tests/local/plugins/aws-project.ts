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

/** A Pulumi project with the stand-in for the AWS provider, on `running` or a local AWS of its own. */
export async function createAwsProject(program: string, running?: Aws): Promise<AwsProject> {
  // An account of its own is kept in the project's folder, so that one has to be there first.
  const port = await freePort();
  const env = awsEnvironment(running?.url ?? `http://127.0.0.1:${port}`);
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
    const aws =
      running ??
      (await startAws({ directory: join(own, "aws"), port, logFile: join(own, "aws.log") }));
    return {
      aws,
      project,
      dispose: async () => {
        if (running === undefined) await aws.stop();
        project.dispose();
      },
    };
  } catch (error) {
    project.dispose();
    throw error;
  }
}
