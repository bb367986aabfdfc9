import mocha from "mocha";

const { EVENT_RUN_END } = mocha.Runner.constants;

/** Mocha's own report, ended with one line that a machine can read: `N passed, N failed`. */
export default class CountingReporter extends mocha.reporters.Spec {
  constructor(runner: mocha.Runner, options: mocha.MochaOptions) {
    super(runner, options);
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      // After the epilogue, which Spec prints on the same event, registered before this one.
      process.stdout.write(`${countLine(passes, failures, pending)}\n`);
    });
  }
}

export function countLine(passed: number, failed: number, skipped: number): string {
  const counts = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? counts : `${counts}, ${skipped} skipped`;
}
