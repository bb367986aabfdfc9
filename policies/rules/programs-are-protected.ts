import { stackOf } from "../declared.ts";
import type { ResourceRule } from "../rule.ts";

const programType = /^pulumi-nodejs:dynamic\/aleops:AleoProgram$/;

export const programsAreProtected: ResourceRule = {
  name: "programs-are-protected",
  description: "A program on mainnet is protected from deletion.",
  violations: (resource) => {
    const isOnMainnet =
      resource.properties.network === "mainnet" || stackOf(resource) === "mainnet";
    if (!programType.test(resource.type) || !isOnMainnet || resource.isProtected) return [];
    return [
      {
        resource,
        what: "the program on mainnet is not protected.",
        why: "It can't be removed from the chain: a stack that forgets it would let nobody see its drift or upgrade it.",
        remedy: "Declare it with protect: true, as ContractSuite does.",
      },
    ];
  },
};
