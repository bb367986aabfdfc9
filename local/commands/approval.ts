import { LocalError } from "../errors.ts";
import { environmentOf, gitHubOf } from "./github.ts";

/**
 * Makes sure that GitHub lets no job into an environment before somebody has approved it.
 * @throws LocalError where the environment asks for nobody, is not there, or GitHub does not tell
 */
export async function requireApproval(
  environment: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { protectionRules } = await environmentOf(gitHubOf(env), environment);
  const asked = protectionRules.find(({ type }) => type === "required_reviewers");
  const reviewers = asked?.reviewers ?? [];
  if (reviewers.length === 0) {
    throw new LocalError(
      `The environment ${environment} asks nobody for approval, so each merge would go there.`,
      {
        remedy: `Name required reviewers under Settings → Environments → ${environment}, then run the job again.`,
      },
    );
  }
  return `The environment ${environment} asks one of ${reviewers.length} reviewers for approval.`;
}
