import { AleoError } from "../errors.ts";

/** What is wrong with a backup itself, and not with the store that keeps it. */
export class BackupError extends AleoError {}

/** There is no backup of that id. */
export class BackupMissingError extends BackupError {}

/** It was begun and not finished: it does not count. */
export class BackupIncompleteError extends BackupError {}

/** It does not hold what was written. */
export class BackupDamagedError extends BackupError {}

/** It is written in a format that this version does not read. */
export class BackupFormatError extends BackupError {}

/** It is of another program or another network. */
export class ForeignBackupError extends BackupError {}
