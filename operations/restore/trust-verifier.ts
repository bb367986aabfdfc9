import {
  type Batch,
  grouped,
  type Importer,
  places,
  refuseOthers,
  type State,
  valueIn,
} from "./batch.ts";

/** As many as import_proofs and import_verifiers of trust_verifier_v3.aleo take. */
const batchSize = 16;

/** Proofs and verifiers; the number of proofs follows. */
export const trustVerifierImporter: Importer = {
  mappings: ["proofs", "verifiers", "proof_count"],
  batches: (wanted, target) => [
    ...batchesOf("proofs", "import_proofs", wanted, target),
    ...batchesOf("verifiers", "import_verifiers", wanted, target),
  ],
  owed: () => 0n,
};

function batchesOf(mapping: string, functionName: string, wanted: State, target: State): Batch[] {
  refuseOthers(wanted, target, mapping);
  const differing = [...(wanted.get(mapping) ?? [])].filter(
    ([key, value]) => valueIn(target, mapping, key) !== value,
  );
  return grouped(differing, batchSize).map((group) => {
    const [[first, firstValue] = ["", ""]] = group;
    return {
      functionName,
      inputs: [
        `${group.length}u8`,
        places(group, batchSize, ([key]) => key),
        places(group, batchSize, ([, value]) => value),
      ],
      what: `${group.length} ${mapping} from ${first} on`,
      results: [[mapping, first, firstValue]],
    };
  });
}
