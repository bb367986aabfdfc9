/**
 * What a deployment is in the journal. The stack and the operations say it alike, so that each goes
 * on with what the other was stopped at.
 * @param checksum of the program, as `programChecksum` gives it
 */
export function deploymentPurpose(id: string, edition: number, checksum: string): string {
  return `deployment of ${id}, edition ${edition}, checksum ${checksum}`;
}
