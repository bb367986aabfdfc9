// A bare Node process that runs a provider from the text in a Pulumi state, as Pulumi's plugin does.
// Argument: {text, config, calls: [method, args][]} as JSON; prints the answers as JSON.
import { createRequire } from "node:module";

type Provider = Record<string, (...args: unknown[]) => unknown>;

const require = createRequire(import.meta.url);
const requireAsPulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const fromString = requireAsPulumi("require-from-string") as (text: string) => {
  handler(): Provider;
};
const { text, config, calls } = JSON.parse(process.argv[2] ?? "") as {
  text: string;
  config: Record<string, string>;
  calls: [method: string, args: unknown[]][];
};

const provider = fromString(text).handler();
await provider.configure?.({ config: { get: (key: string) => config[key] } });
const answers: unknown[] = [];
for (const [method, args] of calls) answers.push(await provider[method]?.(...args));
process.stdout.write(JSON.stringify(answers));
process.exit(0);
