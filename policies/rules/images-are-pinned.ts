import { stackOf } from "../declared.ts";
import { parseImageReference } from "../image-reference.ts";
import { containersOf } from "../pods.ts";
import type { ResourceRule } from "../rule.ts";

export const imagesArePinned: ResourceRule = {
  name: "images-are-pinned",
  description: "An image has a tag other than latest; on every network but local, a digest.",
  violations: (resource) =>
    containersOf(resource).flatMap(({ name, properties }) => {
      const { image } = properties;
      const what =
        image === undefined
          ? "has no image."
          : typeof image === "string"
            ? problem(image, stackOf(resource))
            : undefined;
      if (what === undefined) return [];
      return {
        resource,
        what: `container ${name} ${what}`,
        why: "What a tag names can change at any time: nobody reviewed what would run then.",
        remedy:
          "Name the image with the digest that its build printed, as ghcr.io/owner/aleo-ops:1.2.0@sha256:….",
      };
    }),
};

function problem(image: string, stack: string): string | undefined {
  const { tag, digest } = parseImageReference(image);
  if (tag === "latest") return `has the image ${image}: latest is whatever was pushed last.`;
  if (digest !== undefined) {
    return /^sha256:(?!0{64}$)[0-9a-f]{64}$/.test(digest)
      ? undefined
      : `has the image ${image}, whose digest is of no image.`;
  }
  if (tag === undefined) return `has the image ${image} without a tag, which means latest.`;
  return stack === "local" ? undefined : `has the image ${image}, not pinned by digest.`;
}
