import * as pulumi from "@pulumi/pulumi";
import type * as implementation from "./implementation/program-setting.ts";

type Inputs = implementation.SettingInputs;
type Properties = implementation.SettingProperties;

export interface ProgramSettingArgs {
  /** The id of a deployed program: `agent_registry_v3.aleo`. */
  program: pulumi.Input<string>;
  mapping: pulumi.Input<string>;
  /** The entry's key, as an Aleo literal: `0u8`. */
  key: pulumi.Input<string>;
  /** The value that the entry is kept at, as an Aleo value: `true`. */
  value: pulumi.Input<string>;
  /** The function that brings the entry to that value. */
  function: pulumi.Input<string>;
  /** What the function is called with, as Aleo values. */
  arguments: pulumi.Input<string[]>;
}

const load = () =>
  import(`${process.cwd()}/dynamic-providers/implementation/program-setting.ts`) as Promise<
    typeof implementation
  >;

/**
 * Stored in the state as text and run from there, so it only finds the real code in the project
 * and never changes with it.
 */
const provider: pulumi.dynamic.ResourceProvider = {
  configure: async (request: pulumi.dynamic.ConfigureRequest) => {
    (await load()).configure((key) => request.config.get(key));
  },
  check: async (olds: Inputs, news: Inputs) => (await load()).check(olds, news),
  diff: async (_id: string, olds: Properties, news: Inputs) => (await load()).diff(olds, news),
  create: async (inputs: Inputs) => (await load()).create(inputs),
  read: async (id: string, properties?: Properties) => (await load()).read(id, properties),
  update: async (id: string, olds: Properties, news: Inputs) =>
    (await load()).update(id, olds, news),
  delete: async (id: string) => {
    (await load()).remove(id);
  },
};

/**
 * One mapping entry that is kept at a value by calling a function of the program, such as a pause
 * or a limit. Without the resource the entry is not managed, and deleting the resource leaves the
 * entry as it is.
 *
 * @example
 * new ProgramSetting("agent_registry_v3-paused", {
 *   program: "agent_registry_v3.aleo",
 *   mapping: "paused",
 *   key: "0u8",
 *   value: "true",
 *   function: "pause",
 *   arguments: [],
 * });
 */
export class ProgramSetting extends pulumi.dynamic.Resource {
  declare readonly program: pulumi.Output<string>;
  declare readonly value: pulumi.Output<string>;
  /** What the call was estimated to cost, in microcredits. */
  declare readonly estimatedFee: pulumi.Output<string>;
  /** The transaction that set the value; empty where it was found set. */
  declare readonly transaction: pulumi.Output<string>;
  /** What that transaction cost, in microcredits. */
  declare readonly paidFee: pulumi.Output<string>;

  constructor(name: string, args: ProgramSettingArgs, options?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, estimatedFee: undefined, transaction: undefined, paidFee: undefined },
      options,
      "aleops",
      "ProgramSetting",
    );
  }
}
