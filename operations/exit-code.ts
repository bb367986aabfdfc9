/** What the exit codes of `aleo-ops` mean. */
export const exitCode = { ok: 0, failed: 1, wrongUsage: 2 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
