import { readFileSync } from "node:fs";
import type { Images } from "../images.ts";

/** What the node is told at its start, in a file that only its user can read. */
export interface NodeSettings {
  readonly apiserverPort: number;
  readonly authority: string;
  readonly token: string;
  /** Where it serves the logs of containers. */
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly directory: string;
  readonly shim: string;
  readonly images: Images;
}

export function readSettings(file: string): NodeSettings {
  return JSON.parse(readFileSync(file, "utf8")) as NodeSettings;
}
