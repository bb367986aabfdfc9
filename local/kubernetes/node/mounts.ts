/** A path of the container, and the file or folder of this machine that it stands for. */
export interface Mount {
  readonly mountPath: string;
  readonly hostPath: string;
}

/**
 * A process has no mounts of its own: so each path of a mount, where a text begins with it or names
 * it after a space, a quote, `=`, `:`, `,` or `;`, becomes the path on this machine.
 */
export function visible(text: string, mounts: readonly Mount[]): string {
  const byLength = mounts.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  if (byLength.length === 0) return text;
  const hostPaths = new Map(
    byLength.map(({ mountPath, hostPath }) => [trimmed(mountPath), hostPath]),
  );
  const alternatives = [...hostPaths.keys()].map((path) => RegExp.escape(path)).join("|");
  const paths = new RegExp(
    String.raw`(^|[\s"'=:,;]|file://)(${alternatives})(?=$|[/\s"',:;?])`,
    "g",
  );
  return text.replace(
    paths,
    (_, before: string, path: string) => before + (hostPaths.get(path) ?? path),
  );
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
