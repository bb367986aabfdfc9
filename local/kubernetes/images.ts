/** How a container image runs on this machine: as a program of it. */
export interface ImageProgram {
  /** The working directory, unless the container names another one. */
  readonly directory: string;
  /** What the container's `command` replaces. */
  readonly entrypoint: readonly string[];
  /** The image's own environment, PATH among it. */
  readonly env: Readonly<Record<string, string>>;
}

/** By the image's name without registry, tag and digest. */
export type Images = Readonly<Record<string, ImageProgram>>;

/** `registry.example:5000/team/aleo-ops:v1@sha256:…` → `aleo-ops`. */
export function imageName(reference: string): string {
  const withoutDigest = reference.split("@")[0] ?? "";
  const last = withoutDigest.slice(withoutDigest.lastIndexOf("/") + 1);
  return last.split(":")[0] ?? "";
}
