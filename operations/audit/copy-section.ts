import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { keyOf, manifestObject } from "../../aleo/backup/layout.ts";
import type { Environment, Settings } from "../../settings.ts";
import { stackBucket } from "../backup/store/stack-bucket.ts";
import { type Line, type Section, unseen, unseenFor } from "../report/report.ts";
import type { Backups } from "../report/sections/backups-section.ts";
import { formatAge } from "../text.ts";
import { s3Client } from "./s3-client.ts";

/** S3 copies most objects within a quarter of an hour. */
const copiedWithinMs = 3_600_000;

/** Whether the newest backups are in the second region too; nothing where the stack declares none. */
export async function copySection(
  settings: Pick<Settings, "network" | "programs" | "backups">,
  backups: Backups,
  environment: Environment,
): Promise<Section[]> {
  const { programs, backups: declared } = settings;
  const bucket = stackBucket(settings);
  if (bucket === undefined || declared?.replicaRegion === undefined) return [];
  const title = "The copy of the backups";
  if ("problem" in backups) return [{ title, lines: [unseenFor("copy", backups.problem)] }];
  const { replicaRegion } = declared;
  if (backups.location !== `s3://${bucket}`) {
    const why = `the backups that were looked at are in ${backups.location}`;
    const how = `Look at those of the stack: leave BACKUP_STORE out, or set it to s3://${bucket}.`;
    return [{ title, lines: [unseen(`${bucket}-replica`, why, how)] }];
  }
  const client = s3Client(environment, replicaRegion);
  const ofProgram = async (program: string): Promise<Line> => {
    const newest = backups.listed.findLast(
      ({ program: of, state, ageMs }) =>
        of === program && state === "good" && ageMs >= copiedWithinMs,
    );
    if (newest === undefined) {
      return unseen(program, "no good backup is an hour old", "Look again in an hour.");
    }
    const { id, ageMs } = newest;
    const Key = keyOf(newest, manifestObject);
    try {
      await client.send(new HeadObjectCommand({ Bucket: `${bucket}-replica`, Key }));
      return { subject: program, verdict: "good", finding: `${id} is in ${replicaRegion} too` };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      if (name !== "NotFound") {
        const how = `Give AWS credentials that may read ${bucket}-replica, as the backup reader's.`;
        return unseen(program, `${name}: ${message}`, how);
      }
      return {
        subject: program,
        verdict: "bad",
        finding: `${id}, ${formatAge(ageMs)} old, is not in ${replicaRegion}`,
        remedy: `Ask S3 why: \`aws s3api head-object --bucket ${bucket} --key ${Key} --query ReplicationStatus\`.`,
      };
    }
  };
  try {
    return [{ title, lines: await Promise.all(programs.map((one) => ofProgram(one.program))) }];
  } finally {
    client.destroy();
  }
}
