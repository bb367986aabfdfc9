import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { AleoError } from "../../aleo/errors.ts";
import type { Network } from "../../aleo/network.ts";
import { severities, type Severity } from "../../monitor/alert/severity.ts";

class IncidentError extends AleoError {}

/** One line of a timeline. */
export interface Note {
  /** ms since 1970. */
  readonly time: number;
  readonly by: string;
  readonly text: string;
}

/** An incident, as its file in `incidents/` has it. */
export interface Incident {
  /** `2026-11-25-1`, also the name of its file. */
  readonly id: string;
  readonly network: Network;
  readonly severity: Severity;
  readonly title: string;
  readonly notes: readonly Note[];
  readonly isClosed: boolean;
}

const folder = "incidents";
const closing = "Closed: ";

export function fileOf(id: string): string {
  return join(folder, `${id}.md`);
}

/**
 * Begins the timeline of an incident. The id is the day and a number, so that it can be said on the phone.
 */
export function openIncident(
  root: string,
  {
    network,
    severity,
    title,
    now,
    by,
  }: Pick<Incident, "network" | "severity" | "title"> & {
    readonly now: number;
    readonly by: string;
  },
): Incident {
  mkdirSync(join(root, folder), { recursive: true });
  const day = new Date(now).toISOString().slice(0, 10);
  for (let number = 1; ; number += 1) {
    const id = `${day}-${number}`;
    const head = `# ${oneLine(title)}\n\nIncident ${id}, severity ${severity}, network ${network}.\n\n## Timeline\n\n`;
    const text = `${head}${lineOf({ time: now, by, text: `Opened: ${title}` })}`;
    try {
      writeFileSync(join(root, fileOf(id)), text, { flag: "wx" });
      return readIncident(root, id);
    } catch (error) {
      // Somebody else has opened one at the same moment.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/**
 * Adds a line to the timeline.
 * @throws IncidentError for an incident that is not there or is closed
 */
export function addNote(root: string, id: string, note: Note): Incident {
  openIncidentOf(root, id);
  appendFileSync(join(root, fileOf(id)), lineOf(note));
  return readIncident(root, id);
}

/** The note that ends a timeline: the incident takes no more of them. */
export function closingNote(note: Note): Note {
  return { ...note, text: `${closing}${note.text}` };
}

/**
 * The incident, where it can take a note.
 * @throws IncidentError for an incident that is not there or is closed
 */
export function openIncidentOf(root: string, id: string): Incident {
  const incident = readIncident(root, id);
  if (!incident.isClosed) return incident;
  throw new IncidentError(`Incident ${id} is closed.`, {
    remedy: `Write what was found later into ${fileOf(`${id}-post-mortem`)}.`,
  });
}

/** Those that take notes still. */
function openIncidents(root: string): Incident[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .flatMap((name) => /^(\d{4}-\d{2}-\d{2}-\d+)\.md$/.exec(name)?.[1] ?? [])
    .map((id) => readIncident(root, id))
    .filter(({ isClosed }) => !isClosed);
}

/**
 * The id that was given, else that of the one open incident.
 * @throws IncidentError where none, or more than one, is open
 */
export function chosen(root: string, id: string | undefined): string {
  if (id !== undefined) return id;
  const open = openIncidents(root);
  const [only] = open;
  if (only !== undefined && open.length === 1) return only.id;
  throw new IncidentError(
    open.length === 0
      ? "No incident is open here."
      : `${open.length} incidents are open: ${open.map((one) => one.id).join(", ")}.`,
    {
      remedy:
        open.length === 0
          ? 'Open one: `aleo-ops incident open "what happens"`.'
          : "Say which: `--id 2026-11-25-1`.",
    },
  );
}

/** @throws IncidentError for what is no incident's file */
function readIncident(root: string, id: string): Incident {
  const path = join(root, fileOf(id));
  if (!/^\d{4}-\d{2}-\d{2}-\d+$/.test(id) || !existsSync(path)) {
    throw new IncidentError(`There is no incident "${id}" in ${folder}/.`, {
      remedy: "Run it where the incident was opened; the ids are the names of the files there.",
    });
  }
  const text = readFileSync(path, "utf8");
  const title = /^# (.*)$/m.exec(text)?.[1];
  const [, severity, network] = /^Incident \S+, severity (\w+), network (\w+)\.$/m.exec(text) ?? [];
  const known = severities.find((one) => one === severity);
  const notes = [...text.matchAll(/^- (\S+Z) · (.*?) · (.*)$/gm)].map(
    ([, time = "", by = "", what = ""]) => ({ time: Date.parse(time), by, text: what }),
  );
  if (title === undefined || known === undefined || network === undefined || notes.length === 0) {
    throw new IncidentError(`${fileOf(id)} has lost its heading, or its first line.`, {
      remedy: "Put them back as they were: `git diff` shows it where it was committed.",
    });
  }
  const isClosed = notes.at(-1)?.text.startsWith(closing) === true;
  return { id, network: network as Network, severity: known, title, notes, isClosed };
}

/** Who writes, where nobody else is named. */
export function writer(): string {
  return userInfo().username;
}

function lineOf({ time, by, text }: Note): string {
  return `- ${new Date(time).toISOString()} · ${oneLine(by)} · ${oneLine(text)}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("·", "-").trim();
}
