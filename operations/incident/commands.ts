import { type Command, Option } from "commander";
import { severities, type Severity } from "../../monitor/alert/severity.ts";
import { type Answer, operation, type Options, report } from "../command-line.ts";

interface NoteOptions extends Options {
  readonly id?: string;
  readonly by?: string;
}

/** `incident …`. */
export function addIncidentCommands(parent: Command): void {
  const incident = parent
    .command("incident")
    .description("keep the timeline of an incident, in incidents/ of this directory");

  operation(
    incident,
    "open <title>",
    "begin a timeline; its id is the day and a number",
    'incident open "credits leave agent_registry_v3.aleo" --severity critical',
  )
    .addOption(
      new Option("--severity <severity>", "how bad it is").choices(severities).default("high"),
    )
    .option("--by <name>", "who writes; else the account of this machine")
    .action(async (title: string, options: NoteOptions & { severity: Severity }) => {
      const { fileOf, openIncident, writer } = await import("./timeline.ts");
      const { network } = await settingsOf(options);
      const opened = openIncident(process.cwd(), {
        ...{ network, severity: options.severity, title },
        now: Date.now(),
        by: options.by ?? writer(),
      });
      report(options, {
        document: opened,
        text: `Incident ${opened.id} is open: ${fileOf(opened.id)}\nNext: \`aleo-ops incident note "what you see or do"\`.`,
      });
    });

  noting(
    operation(
      incident,
      "note <text>",
      "add a line to the timeline, with the time",
      'incident note "paused agent_registry_v3.aleo"',
    ),
  ).action(async (text: string, options: NoteOptions) => {
    const { addNote, chosen, writer } = await import("./timeline.ts");
    const by = options.by ?? writer();
    const id = chosen(process.cwd(), options.id);
    const { notes, ...rest } = addNote(process.cwd(), id, { time: Date.now(), by, text });
    report(options, {
      document: { ...rest, notes },
      text: `Noted in incident ${id}, line ${notes.length}.`,
    });
  });

  noting(
    operation(
      incident,
      "close <text>",
      "end the timeline and draft the post-mortem, with what the monitor knew and when",
      'incident close "fixed by edition 2, all is running"',
    ),
  ).action(async (text: string, options: NoteOptions) => {
    report(options, await close(text, options));
  });
}

function noting(command: Command): Command {
  return command
    .option("--id <id>", "which incident, where more than one is open")
    .option("--by <name>", "who writes; else the account of this machine");
}

async function close(text: string, options: NoteOptions): Promise<Answer> {
  const { writeFileSync } = await import("node:fs");
  const { addNote, chosen, closingNote, fileOf, openIncidentOf, writer } =
    await import("./timeline.ts");
  const { monitorKnowledge } = await import("./monitor-knowledge.ts");
  const { postMortemDraft } = await import("./post-mortem.ts");
  const root = process.cwd();
  const id = chosen(root, options.id);
  const now = Date.now();
  const last = closingNote({ time: now, by: options.by ?? writer(), text });
  const open = openIncidentOf(root, id);
  const known = await monitorKnowledge(open.network, process.env, open.notes[0]?.time ?? now, now);
  const draft = fileOf(`${id}-post-mortem`);
  // Before the end of the timeline: a run that is killed in between can be run again.
  writeFileSync(draft, postMortemDraft({ ...open, notes: [...open.notes, last] }, known));
  const incident = addNote(root, id, last);
  const gap = "problem" in known ? `\n! Without what the monitor knew: ${known.problem}.` : "";
  return {
    document: { ...incident, draft, ...("problem" in known && { problem: known.problem }) },
    text: `Incident ${id} is closed. Draft of the post-mortem: ${draft}${gap}\nNext: fill it in within two days, and commit both files.`,
  };
}

async function settingsOf(options: Options) {
  const { settingsFromFile } = await import("../stack-file.ts");
  return settingsFromFile(options.network, process.cwd(), process.env);
}
