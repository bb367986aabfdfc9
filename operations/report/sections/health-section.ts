import type { NodeClient } from "../../../aleo/node/client.ts";
import type { Settings } from "../../../settings.ts";
import { health } from "../../look/health.ts";
import type { Section } from "../report.ts";

export async function healthSection(settings: Settings, node: NodeClient): Promise<Section> {
  return { title: "Health", lines: await health(settings, node) };
}
