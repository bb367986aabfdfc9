import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../paths.ts";
import type { ToolReport } from "./tool.ts";

/** Holds the locked Node 24, whatever Node the machine has; goes first in every PATH. */
export const nodeDirectory = join(projectDirectory, "node_modules", ".bin");

export function reportNode(): ToolReport {
  const file = join(nodeDirectory, "node");
  if (existsSync(file)) {
    return { name: "node", status: "ready", version: process.versions.node, from: file };
  }
  return {
    name: "node",
    status: "missing",
    from: "npm package node",
    remedy: "Run `make` with Node 18 or newer and npm on PATH: it installs Node 24 from npm.",
  };
}
