import { plural } from "../text.ts";
import type { DocsCheck } from "./check.ts";

export function docsCheckText({ looked, outside, isWhole, problems }: DocsCheck): string {
  const { pages, runbooks, commands, links, images } = looked;
  return [
    ...problems.map(
      ({ file, line, what, remedy }) => `✖ ${file}:${line}  ${what}\n    What to do: ${remedy}`,
    ),
    `${plural(pages, "page")}, ${runbooks} of them runbooks: ${plural(commands, "command")}, ${plural(links, "link")} (${outside} to other sites, not followed), ${plural(images, "picture")}; ${plural(problems.length, "problem")}.`,
    ...(pages > 0 && !isWhole
      ? [
          "! Not looked at: `make` and links to files that are not here. This is a part of the project, as in the image.",
        ]
      : []),
    ...(pages === 0
      ? ["! Not looked at: there is no page here. Run it in the project's directory."]
      : []),
  ].join("\n");
}
