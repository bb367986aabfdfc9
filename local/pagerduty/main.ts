/**
 * The process of the PagerDuty stand-in: `node main.ts PORT DIRECTORY`, with the REST token in
 * PAGERDUTY_TOKEN. It prints one line when it is ready.
 */
import { seed } from "./seed.ts";
import { createServer } from "./server.ts";
import { openStore } from "./store.ts";

const [port, directory] = process.argv.slice(2);
const token = process.env.PAGERDUTY_TOKEN;
if (port === undefined || directory === undefined || token === undefined || token === "") {
  process.stderr.write("usage: PAGERDUTY_TOKEN=… node main.ts PORT DIRECTORY\n");
  process.exit(2);
}

const store = openStore(directory);
if (store.isEmpty()) seed(store);
const server = createServer({ store, token, port: Number(port) });
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void server.close().then(() => {
      store.close();
      process.exit();
    });
  });
}
await server.listen({ host: "127.0.0.1", port: Number(port) });
process.stdout.write(`PagerDuty stand-in on http://127.0.0.1:${port}\n`);
