import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Api } from "../api.ts";
import { Events } from "./events.ts";
import { startLogServer } from "./log-server.ts";
import { Objects } from "./objects.ts";
import { Pods } from "./pods.ts";
import { Provisioner } from "./provisioner.ts";
import { capacity, keepLease, nodeName, register } from "./registration.ts";
import { readSettings } from "./settings.ts";

// The node of a cluster on one machine: runs the containers of the pods that are bound to it as
// processes. Called as `node main.ts SETTINGS`.

const settingsFile = process.argv[2] ?? "";
const settings = readSettings(settingsFile);
const log = (line: string) => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

const { apiserverPort, authority, token, port, certificate, key, directory, shim } = settings;
const api = new Api({ port: apiserverPort, authority, token });
const podsDirectory = join(directory, "pods");
const volumesDirectory = join(directory, "volumes");
mkdirSync(podsDirectory, { recursive: true, mode: 0o700 });
mkdirSync(volumesDirectory, { recursive: true, mode: 0o700 });

const over = new AbortController();
const pods = new Pods({
  api,
  objects: new Objects(api),
  events: new Events(api, nodeName),
  capacity: capacity(),
  // Read each time: a start of the cluster by another checkout writes its own.
  images: () => readSettings(settingsFile).images,
  shim,
  directory: podsDirectory,
  log,
});

let ready = false;
const server = await startLogServer({
  port,
  certificate,
  key,
  authority,
  podDirectory: (namespace, name) => {
    const uid = pods.uidOf(namespace, name);
    const path = uid === undefined ? undefined : join(podsDirectory, uid);
    return path !== undefined && existsSync(path) ? path : undefined;
  },
  ready: () => ready,
});

await register(api, port);
keepLease(
  api,
  {
    renewed: () => {
      pods.look();
    },
    failed: (error) => {
      log(`the lease: ${String(error)}`);
    },
  },
  over.signal,
);
const provisioner = new Provisioner(api, volumesDirectory, log);
void provisioner.follow(over.signal);
void pods.follow(
  nodeName,
  () => {
    ready = true;
  },
  over.signal,
);

const end = async () => {
  over.abort();
  server.close();
  server.closeAllConnections();
  await pods.leave();
  process.exit(0);
};
for (const name of ["SIGTERM", "SIGINT"] as const) {
  process.once(name, () => {
    void end();
  });
}
