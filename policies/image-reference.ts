/** A reference to a container image: `registry:5000/team/name:tag@sha256:…`. */
export interface ImageReference {
  readonly tag: string | undefined;
  /** With its algorithm: `sha256:…`. */
  readonly digest: string | undefined;
}

/** Reads a reference by the grammar of github.com/distribution/reference. */
export function parseImageReference(reference: string): ImageReference {
  const [name = "", digest] = reference.split("@", 2);
  const tag = /:([\w][\w.-]{0,127})$/.exec(name.slice(name.lastIndexOf("/") + 1))?.[1];
  return { tag, digest };
}
