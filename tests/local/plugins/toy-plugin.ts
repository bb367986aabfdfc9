/** A provider plugin for tests: each note is a JSON file in the folder that TOY_FOLDER names. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InitializationFailed } from "../../../local/plugins/server/failures.ts";
import {
  at,
  type Properties,
  type ResourceType,
} from "../../../local/plugins/server/resource-type.ts";
import { servePlugin } from "../../../local/plugins/server/serve.ts";
import { isUnknown, sameJson } from "../../../local/plugins/server/values.ts";

interface Client {
  readonly folder: string;
  readonly settings: Properties;
}

type NoteInputs = Properties & { title?: string; text?: string };

const note: ResourceType<Client, NoteInputs> = {
  token: "toy:index:Note",
  check: (inputs, { name, olds, suffix }) => ({
    inputs: { title: olds?.title ?? `${name}-${suffix}`, ...inputs },
    failures:
      typeof inputs.text === "string" && !isUnknown(inputs.text) && inputs.text.length > 40
        ? [{ property: "text", reason: "A text has at most 40 letters." }]
        : [],
  }),
  replaces: at("title"),
  deleteBeforeReplace: (olds, news) => olds.title === news.title,
  same: (path, left, right) => path[0] === "policy" && sameJson(left, right),
  async create({ folder, settings }, inputs, { status }) {
    status(`writing ${titleOf(inputs)}`);
    if (inputs.text === "unwritable") {
      throw new Error(
        `no pen; tried with ${process.env.TOY_PASSWORD ?? ""} and ${String(inputs.code)}`,
      );
    }
    await mkdir(folder, { recursive: true });
    await writeFile(fileOf(folder, titleOf(inputs)), JSON.stringify(inputs));
    const properties = {
      ...inputs,
      length: inputs.text?.length ?? 0,
      key: "made-by-service",
      settings,
    };
    if (inputs.text === "smudged") {
      throw new InitializationFailed(titleOf(inputs), properties, ["the ink is not dry"]);
    }
    return { id: titleOf(inputs), properties };
  },
  async read({ folder, settings }, id) {
    try {
      const inputs = JSON.parse(await readFile(fileOf(folder, id), "utf8")) as NoteInputs;
      const properties = {
        ...inputs,
        length: inputs.text?.length ?? 0,
        key: "made-by-service",
        settings,
      };
      return { inputs, properties };
    } catch {
      return undefined;
    }
  },
  async update({ folder, settings }, inputs, { id }) {
    await writeFile(fileOf(folder, id), JSON.stringify(inputs));
    return { ...inputs, length: inputs.text?.length ?? 0, key: "made-by-service", settings };
  },
  async delete({ folder }, id) {
    await rm(fileOf(folder, id), { force: true });
  },
  secretProperties: ["key"],
};

function titleOf({ title = "" }: NoteInputs): string {
  return title;
}

function fileOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

await servePlugin<Client>({
  name: "toy",
  version: "1.2.3",
  checkConfig: ({ mood }) =>
    mood === "bad" ? [{ property: "mood", reason: "The mood must be good." }] : [],
  connect: (settings) => {
    const folder = process.env.TOY_FOLDER;
    return folder === undefined
      ? Promise.reject(new Error("TOY_FOLDER is not set"))
      : Promise.resolve({ folder, settings });
  },
  credentials: () => [process.env.TOY_PASSWORD],
  types: [note],
  invokes: {
    "toy:index:double": (_client, { value }) => Promise.resolve({ value: Number(value) * 2 }),
  },
});
