import { fork } from "node:child_process";
import { join } from "node:path";
import type * as program from "../../dynamic-providers/implementation/program.ts";
import type * as setting from "../../dynamic-providers/implementation/program-setting.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Properties = program.ProgramProperties;
type SettingProperties = setting.SettingProperties;

/** One run of the providers' code without Pulumi, in a process of its own as in a real run. */
export interface ProviderRun {
  readonly program: {
    /** The inputs of a source that the check takes. */
    checked(source: string, olds?: Partial<Properties>): Promise<program.ProgramInputs>;
    /** What the check says against a source, as Pulumi shows it. */
    refusal(source: string, olds?: Partial<Properties>): Promise<string>;
    /** Checks a source and deploys it, as `up` does with a new resource. */
    create(source: string): Promise<Properties>;
    /** Upgrades to what the check took, as `up` does with a known resource. */
    update(inputs: program.ProgramInputs, olds: Properties): Promise<Properties>;
    read(olds: Properties): Promise<Awaited<ReturnType<typeof program.read>>>;
  };
  readonly setting: {
    checked(inputs: setting.SettingInputs): Promise<setting.SettingInputs>;
    refusal(inputs: setting.SettingInputs): Promise<string>;
    create(inputs: setting.SettingInputs): Promise<SettingProperties>;
  };
  end(): void;
}

interface RunOptions {
  /** The stack's configuration, without namespace. */
  readonly config: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

/** Settings of a stack on a devnode under which nothing is refused for its price. */
export function localConfig(url: string): Record<string, string> {
  return { network: "local", endpoints: JSON.stringify([url]), maxFee: "1000000000" };
}

export function startRun({ config, env }: RunOptions): ProviderRun {
  const directory = temporaryDirectory("run");
  const named = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [`aleo-ops:${key}`, value]),
  );
  const child = fork(new URL("provider-host.ts", import.meta.url), [JSON.stringify(named)], {
    cwd: directory.path,
    env: { ...process.env, XDG_CACHE_HOME: join(directory.path, "cache"), ...env },
  });
  // A test that failed before it ended the run must not keep the tests from ending.
  child.unref();
  child.channel?.unref();
  let calls = 0;
  const ask = <Value>(kind: string, method: string, ...args: unknown[]): Promise<Value> => {
    const number = (calls += 1);
    return new Promise((resolve, reject) => {
      const ended = () => {
        reject(new Error(`The run ended during ${method}.`));
      };
      const answered = (answer: { number: number; value?: Value; error?: { message: string } }) => {
        if (answer.number !== number) return;
        child.removeListener("message", answered);
        child.removeListener("exit", ended);
        if (answer.error === undefined) resolve(answer.value as Value);
        else reject(Object.assign(new Error(answer.error.message), answer.error));
      };
      child.on("message", answered);
      child.once("exit", ended);
      child.send({ number, kind, method, args });
    });
  };
  interface Checked<Inputs> {
    inputs: Inputs;
    failures?: { reason: string }[];
  }
  const passed = <Inputs>({ inputs, failures }: Checked<Inputs>): Inputs => {
    if (failures !== undefined) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    return inputs;
  };
  const refused = ({ failures }: Checked<unknown>): string => {
    if (failures === undefined) throw new Error("Nothing was refused.");
    return failures.map(({ reason }) => reason).join("\n");
  };
  const checkProgram = (source: string, olds: Partial<Properties> = {}) =>
    ask<Checked<program.ProgramInputs>>("program", "check", olds, { source });
  const checkSetting = (inputs: setting.SettingInputs) =>
    ask<Checked<setting.SettingInputs>>("setting", "check", {}, inputs);
  return {
    program: {
      checked: async (source, olds) => passed(await checkProgram(source, olds)),
      refusal: async (source, olds) => refused(await checkProgram(source, olds)),
      create: async (source) => {
        const inputs = passed(await checkProgram(source));
        return (await ask<{ outs: Properties }>("program", "create", inputs)).outs;
      },
      update: async (inputs, olds) => {
        const id = `${olds.network}/${olds.program}`;
        return (await ask<{ outs: Properties }>("program", "update", id, olds, inputs)).outs;
      },
      read: (olds) => ask("program", "read", `${olds.network}/${olds.program}`, olds),
    },
    setting: {
      checked: async (inputs) => passed(await checkSetting(inputs)),
      refusal: async (inputs) => refused(await checkSetting(inputs)),
      create: async (inputs) => {
        const checked = passed(await checkSetting(inputs));
        return (await ask<{ outs: SettingProperties }>("setting", "create", checked)).outs;
      },
    },
    end: () => {
      child.kill("SIGKILL");
      directory.remove();
    },
  };
}
