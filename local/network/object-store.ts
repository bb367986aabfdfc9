import { awsEnvironment, detachedAwsUrl, startDetachedAws, stopDetachedAws } from "../aws/aws.ts";
import type { LocalState } from "../paths.ts";
import { ensureMoto } from "../tools/moto.ts";
import type { Part } from "./part.ts";

/** S3, KMS, IAM and STS. */
export function objectStore({ aws }: LocalState, port: number): Part {
  const { directory, log: logFile, record } = aws;
  return {
    title: "S3, KMS, IAM and STS (moto)",
    tool: {
      title: "moto",
      run: async (progress) => {
        await ensureMoto(progress);
        return "from PyPI";
      },
    },
    start: () => startDetachedAws({ directory, port, logFile }, record),
    stop: () => stopDetachedAws(record),
    toSee: () => Promise.resolve([]),
    environment: () => {
      const url = detachedAwsUrl(record);
      return url === undefined ? undefined : awsEnvironment(url);
    },
  };
}
