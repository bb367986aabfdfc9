import { AleoError } from "../../aleo/errors.ts";

/** What was asked for can't be reconstructed. */
export class ReconstructError extends AleoError {}

/** Some parts are not in the store yet; those that are stay there. */
export class UnfinishedPartsError extends ReconstructError {}
