// A process of its own that uses a journal. Arguments: the journal's directory, what to do.
import { Journal } from "../../../aleo/transaction/journal.ts";
import { sentTransaction } from "./sent.ts";

const [directory = "", task = ""] = process.argv.slice(2);
const journal = new Journal(directory, "local");

if (task === "write") {
  process.stdout.write("started\n");
  for (let round = 0; ; round += 1) {
    const text = String(round % 10).repeat(200_000);
    await journal.write("token.aleo", sentTransaction({ text }));
  }
}
if (task === "hold") {
  await journal.exclusively("token.aleo", () => {
    process.stdout.write("held\n");
    // As a proof does: nothing else of the process runs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return Promise.resolve();
  });
}
