import { given } from "../../../aleo/environment.ts";
import type { NodeClient } from "../../../aleo/node/client.ts";
import { programChecksum } from "../../../aleo/program/checksum.ts";
import { compiledProgram, UnknownProgramError } from "../../../contracts/compiled-program.ts";
import {
  type DeclaredPrograms,
  readDeclaredPrograms,
} from "../../../monitor/watch/declared-programs.ts";
import type { Environment, Settings } from "../../../settings.ts";
import { parsedProgram } from "../../look/parsed.ts";
import { ProgramMissingError, programStatus, type ProgramStatus } from "../../look/program.ts";
import { type Line, type Section, unseen, unseenFor } from "../report.ts";

/**
 * Whether the programs on chain are those of the repository, and as the stack declares them. In a
 * cluster MONITOR_PROGRAMS has what the stack declared last, which may be newer than the image.
 */
export async function repositorySection(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  environment: Environment,
): Promise<Section> {
  const file = given(environment, "MONITOR_PROGRAMS");
  const lines = await Promise.all(
    settings.programs.map(async ({ program, paused }) => {
      try {
        const declared = file === undefined ? {} : readDeclaredPrograms(file);
        const status = await programStatus(settings, node, program);
        return [sourceLine(status, declared), ...pauseLines(status, paused)];
      } catch (error) {
        return [
          error instanceof ProgramMissingError
            ? missing(error, program)
            : unseenFor(program, error),
        ];
      }
    }),
  );
  return { title: "Drift: programs on chain against the repository", lines: lines.flat() };
}

function missing({ message, remedy }: ProgramMissingError, subject: string): Line {
  return { subject, verdict: "bad", finding: message.replace(/\.$/, ""), remedy };
}

function sourceLine(status: ProgramStatus, declared: DeclaredPrograms): Line {
  const { program: subject, edition, checksum, network } = status;
  const wanted = declared[subject] ?? checksumIn(subject);
  if (wanted === undefined) {
    return unseen(
      subject,
      "the repository has no program of this name",
      "Put its source into contracts/ and run `make contracts`, or declare it no more.",
    );
  }
  return wanted === checksum
    ? { subject, verdict: "good", finding: `edition ${edition} is the program of the repository` }
    : {
        subject,
        verdict: "bad",
        finding: `edition ${edition} has the checksum ${checksum.slice(0, 16)}…, that of the repository has ${wanted.slice(0, 16)}…`,
        remedy: `If the repository is ahead, deploy it (\`make preview STACK=${network}\` shows what would change). If nobody of you upgraded it, somebody else has the admin's key, and a pause does not stop them: \`aleo-ops rotate-keys\` at once.`,
      };
}

/** Undefined where the project has no such program. */
function checksumIn(program: string): string | undefined {
  try {
    return programChecksum(parsedProgram(compiledProgram(program)));
  } catch (error) {
    if (error instanceof UnknownProgramError) return undefined;
    throw error;
  }
}

function pauseLines(
  { program: subject, paused, network }: ProgramStatus,
  declared: boolean | undefined,
): Line[] {
  if (declared === undefined || paused === null || declared === paused) return [];
  return [
    {
      subject,
      verdict: "bad",
      finding: `is ${paused ? "paused" : "running"}, and the stack keeps it ${declared ? "paused" : "running"}`,
      remedy: `Find out who changed it; \`make pulumi STACK=${network} ARGS="preview --refresh"\` shows what bringing it back would do.`,
    },
  ];
}
