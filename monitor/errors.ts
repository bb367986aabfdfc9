import { AleoError } from "../aleo/errors.ts";

/** The monitor's database can't be opened, read or written. What was not written is done again. */
export class DatabaseError extends AleoError {}

/** The endpoints serve another chain than the one in the monitor's database. */
export class OtherChainError extends AleoError {}

/** A setting of the monitor, from its environment or command line, that can't be used. */
export class MonitorSettingError extends AleoError {}

/** A file of rules that can't be used: names file, line and key, and what is allowed there. */
export class RuleFileError extends AleoError {}

/** The file that tells what the stack declares can't be used. */
export class DeclaredProgramsError extends AleoError {}

/** A reading in the database is not as this version writes it. */
export class ReadingError extends AleoError {}

/** Old blocks that the rules can't be judged over. */
export class BacktestError extends AleoError {}

/** Something that can't be asked of the monitor or changed in it as it stands. */
export class ControlError extends AleoError {}
