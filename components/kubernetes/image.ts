import type { Network } from "../../aleo/network.ts";
import { refusal } from "../common/refusal.ts";

const digest = /@sha256:[0-9a-f]{64}$/;
const tag = /:[\w][\w.-]{0,127}$/;

/**
 * @throws pulumi.RunError on a public network for an image that is not pinned by its digest, and
 *   everywhere for one without a tag or with the tag `latest`: what runs must not change by itself
 */
export function requirePinnedImage(image: string, network: Network): void {
  if (digest.test(image)) return;
  if (network !== "local") {
    throw refusal(
      `The image "${image}" is not pinned by its digest: on ${network} nobody could say what runs.`,
      "Set image (of aleo-ops:cluster) as name@sha256:…; the workflow that builds the image prints it.",
    );
  }
  if (!tag.test(image) || image.endsWith(":latest")) {
    throw refusal(
      `The image "${image}" has no tag of its own, so what runs could change by itself.`,
      "Set image (of aleo-ops:cluster) with a tag or a digest, as aleo-ops:local.",
    );
  }
}
