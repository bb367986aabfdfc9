/** What the exit codes of `aleo-ops` mean. */
export const exitCode = {
  ok: 0,
  failed: 1,
  wrongUsage: 2,
  /** What was checked is not as it should be. */
  verificationFailed: 3,
  /** A part is done; running it again goes on with the rest. */
  partlyDone: 4,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
