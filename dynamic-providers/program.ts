import * as pulumi from "@pulumi/pulumi";
import type { ProgramInterface } from "../aleo/program/interface.ts";
import type * as implementation from "./implementation/program.ts";

type Inputs = implementation.ProgramInputs;
type Properties = implementation.ProgramProperties;

export interface AleoProgramArgs {
  /** The compiled program (Aleo instructions). A change of it is an upgrade of the program on chain. */
  source: pulumi.Input<string>;
}

const load = () =>
  import(`${process.cwd()}/dynamic-providers/implementation/program.ts`) as Promise<
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
 * A program on chain. `preview` shows its interface, its edition and what the deployment costs,
 * and refuses what the chain would refuse; a changed source upgrades it to the next edition.
 * A program can't be removed from the chain: deleting the resource only forgets it.
 *
 * @example
 * new AleoProgram("token_v1.aleo", { source: readFileSync("token_v1.aleo", "utf8") });
 */
export class AleoProgram extends pulumi.dynamic.Resource {
  declare readonly network: pulumi.Output<string>;
  /** `name.aleo` */
  declare readonly program: pulumi.Output<string>;
  declare readonly interface: pulumi.Output<ProgramInterface>;
  /** The edition on chain, from 0. */
  declare readonly edition: pulumi.Output<number>;
  /** What deploying this edition was estimated to cost, in microcredits. */
  declare readonly estimatedFee: pulumi.Output<string>;
  /** The transaction that deployed this edition. */
  declare readonly transaction: pulumi.Output<string>;
  /** What that transaction cost, in microcredits. */
  declare readonly paidFee: pulumi.Output<string>;
  /** The account that deployed this edition. */
  declare readonly owner: pulumi.Output<string>;
  /** The address under which the program holds credits. */
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, args: AleoProgramArgs, options?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        source: args.source,
        network: undefined,
        program: undefined,
        interface: undefined,
        edition: undefined,
        estimatedFee: undefined,
        transaction: undefined,
        paidFee: undefined,
        owner: undefined,
        address: undefined,
      },
      options,
      "aleops",
      "AleoProgram",
    );
  }
}
