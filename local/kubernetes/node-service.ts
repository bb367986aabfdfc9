import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Service } from "../service.ts";
import { answersOk, type ControlPlane } from "./control-plane.ts";
import type { Images } from "./images.ts";
import type { NodeSettings } from "./node/settings.ts";

const program = join(import.meta.dirname, "node", "main.ts");

/** Writes what the node is told; one that runs takes up the images from it. */
export async function writeNodeSettings(plane: ControlPlane, images: Images): Promise<void> {
  const { files, ports, credentials, programs } = plane;
  const { certificate, key } = credentials.files.certificate("node");
  const settings: NodeSettings = {
    apiserverPort: ports.apiserver,
    authority: credentials.authority,
    token: credentials.tokens.node,
    port: ports.node,
    certificate: readFileSync(certificate, "utf8"),
    key: readFileSync(key, "utf8"),
    directory: files.node,
    shim: programs.containerShim,
    images,
  };
  await writeFile(`${files.nodeSettings}.new`, JSON.stringify(settings), { mode: 0o600 });
  await rename(`${files.nodeSettings}.new`, files.nodeSettings);
}

/** The node: a process that runs the containers of pods as processes of this machine. */
export function nodeService({ files, ports }: ControlPlane): Service {
  return {
    name: "node",
    port: ports.node,
    logFile: files.log("node"),
    command: () =>
      Promise.resolve({
        file: process.execPath,
        args: [program, files.nodeSettings],
        env: { PATH: process.env.PATH },
      }),
    isReady: (port) => answersOk(`https://127.0.0.1:${port}/healthz`),
  };
}
