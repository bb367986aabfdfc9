/**
 * Whoever reads the output may stop reading, as `head` does. Then it is left unsaid: the work goes
 * on to its end, and its exit code tells how it went.
 */
export function bearClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
