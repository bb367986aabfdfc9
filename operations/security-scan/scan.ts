import type { NodeClient } from "../../aleo/node/client.ts";
import { severities, type Severity } from "../../monitor/alert/severity.ts";
import type { Settings } from "../../settings.ts";
import { acceptedIn, judge, type JudgedFinding } from "./accepted.ts";
import { accessLook } from "./access.ts";
import type { Look } from "./finding.ts";
import { secretsInHistory } from "./history.ts";
import { imageLook } from "./image.ts";
import { kubernetesLook } from "./kubernetes.ts";
import { packagesLook } from "./packages.ts";
import { programsLook } from "./programs.ts";
import { secretsInTree } from "./secrets.ts";
import { type Tree, treeAt } from "./tree.ts";
import { workflowsLook } from "./workflows.ts";

export interface SecurityScan {
  /** Day of the scan, by which acceptances end. */
  readonly date: string;
  readonly parts: readonly Omit<Look, "findings">[];
  /** The worst first. */
  readonly findings: readonly JudgedFinding[];
}

export interface ScanOptions {
  /** Looks through the history as well. */
  readonly deep: boolean;
  readonly now: Date;
}

/**
 * Looks through a project's files for what lets somebody in who should not be: secrets, packages,
 * workflows, image, access rights, programs. Where the programs' folder is not there, as in the image, it
 * looks at the programs as they are on chain.
 * @throws AcceptedFindingsError for a file of accepted findings that is not as it should be
 */
export async function securityScan(
  root: string,
  { deep, now }: ScanOptions,
  chain: { readonly settings: Pick<Settings, "programs" | "network">; readonly node: NodeClient },
): Promise<SecurityScan> {
  const tree = await treeAt(root);
  const { isPublic, findings: acceptances } = acceptedIn(tree);
  const [packages, history, access, programs] = await Promise.all([
    packagesLook(tree),
    deep ? secretsInHistory(tree, isPublic) : undefined,
    accessLook(tree),
    programsOf(tree, chain),
  ]);
  const looks = [
    secretsInTree(tree, isPublic),
    ...(history === undefined ? [] : [history]),
    packages,
    workflowsLook(tree),
    imageLook(tree),
    access,
    kubernetesLook(tree),
    programs,
  ];
  const date = now.toISOString().slice(0, 10);
  // What this run did not look for is not missing.
  const wanted = acceptances.filter(({ rule }) => deep || rule !== "secret-in-history");
  const findings = judge(
    looks.flatMap((look) => look.findings),
    wanted,
    date,
  );
  return {
    date,
    parts: looks.map(({ part, looked, problem }) => ({
      part,
      looked,
      ...(problem !== undefined && { problem }),
    })),
    findings: findings.sort((a, b) => rank(a.severity) - rank(b.severity)),
  };
}

/** Whether somebody must act: a finding of severity high or critical that nobody has accepted. */
export function isAlarming({ findings }: SecurityScan): boolean {
  return findings.some(
    ({ accepted, severity }) => accepted === undefined && rank(severity) <= rank("high"),
  );
}

async function programsOf(
  tree: Tree,
  { settings, node }: Parameters<typeof securityScan>[2],
): Promise<Look> {
  const files = tree.files.filter((file) => /^contracts\/(\w+)\/\1\.aleo$/.test(file));
  if (files.length > 0) {
    return programsLook(files.map((file) => ({ file, source: tree.read(file) ?? "" })));
  }
  const problem = `there is no contracts/ here: looked at what is on ${settings.network}`;
  try {
    const deployed = settings.programs.map(async ({ program }) => ({
      file: program,
      source: await node.programSource(program),
    }));
    const found = (await Promise.all(deployed)).flatMap(({ file, source }) =>
      source === undefined ? [] : [{ file, source }],
    );
    return programsLook(found, problem);
  } catch (error) {
    return programsLook([], `${problem}, and no node answers: ${String(error)}`);
  }
}

function rank(severity: Severity): number {
  return severities.indexOf(severity);
}
