import grpc from "@grpc/grpc-js";
import { providerService } from "./provider-service.ts";
import type { Plugin } from "./resource-type.ts";
import { providerStubs } from "./stubs.ts";

/** As much as the engine itself takes and gives. */
const largestMessage = 400 * 1024 * 1024;

/** Once the engine is killed nobody ends its plugins: they look for themselves. */
const parentCheckMs = 2_000;

/**
 * Serves the plugin to the engine that started this process, until that ends it: prints the port on the
 * first line and speaks `pulumirpc.ResourceProvider` there. How a plugin is written stands in
 * resource-type.ts.
 */
export async function servePlugin<Client>(plugin: Plugin<Client>): Promise<void> {
  endWithEngine();
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
  const server = new grpc.Server({
    "grpc.max_receive_message_length": largestMessage,
    "grpc.max_send_message_length": largestMessage,
  });
  server.addService(providerStubs.ResourceProviderService, providerService(plugin, engineAddress));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  process.stdout.write(`${port}\n`);
}

function endWithEngine(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => process.exit());
  }
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit();
  }, parentCheckMs).unref();
}
