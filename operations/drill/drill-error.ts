import { AleoError } from "../../aleo/errors.ts";

/** Why a drill can't be held, or what in it did not work. */
export class DrillError extends AleoError {}
