/**
 * Stand-in for the AWS provider's plugin, for what BackupStore declares: used where Pulumi can't install
 * the real one, and against the local AWS only.
 */
import { servePlugin } from "../server/serve.ts";
import { bucket } from "./bucket.ts";
import { bucketSettings } from "./bucket-settings.ts";
import { type Client, clientOf, unknownSettings } from "./client.ts";
import { role, rolePolicy } from "./iam.ts";
import { alias, key } from "./kms.ts";

await servePlugin<Client>({
  name: "aws",
  version: "7.48.0",
  checkConfig: unknownSettings,
  connect: (config) => Promise.resolve(clientOf(config, process.env)),
  credentials: () => [process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN],
  types: [bucket, ...bucketSettings, key, alias, role, rolePolicy],
});
