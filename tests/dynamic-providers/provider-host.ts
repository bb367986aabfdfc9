// A process of its own in which the providers' code runs as in Pulumi's: configured once, then asked.
// Argument: the stack's configuration as JSON. Each message is one call, answered with one message.
import * as program from "../../dynamic-providers/implementation/program.ts";
import * as setting from "../../dynamic-providers/implementation/program-setting.ts";

interface Call {
  readonly number: number;
  readonly kind: "program" | "setting";
  readonly method: string;
  readonly args: readonly unknown[];
}

type Method = (...args: readonly unknown[]) => unknown;

const kinds = { program, setting } as unknown as Record<string, Record<string, Method>>;
const config = JSON.parse(process.argv[2] ?? "{}") as Record<string, string>;
program.configure((key) => config[key]);

process.once("disconnect", () => process.exit());
process.on("message", ({ number, kind, method, args }: Call) => {
  Promise.resolve()
    .then(() => kinds[kind]?.[method]?.(...args))
    .then(
      (value) => process.send?.({ number, value }),
      (error: unknown) => {
        const { message, id, properties } = error as Error & Record<string, unknown>;
        process.send?.({ number, error: { message, id, properties } });
      },
    );
});
