import * as pulumi from "@pulumi/pulumi";
import { AleoError } from "../aleo/errors.ts";
import { programChecksum } from "../aleo/program/checksum.ts";
import { deploymentOrder } from "../aleo/program/order.ts";
import { parseProgram } from "../aleo/program/parse.ts";
import { AleoProgram } from "../dynamic-providers/program.ts";
import { ProgramSetting } from "../dynamic-providers/program-setting.ts";

export interface ContractSuiteArgs {
  /** In any order: programs are deployed after those that they import. */
  programs: readonly SuiteProgram[];
}

interface SuiteProgram {
  /** The compiled program (Aleo instructions). */
  source: string;
  /**
   * Keeps the program paused or running. Left out, pausing is not managed, so that a routine `up`
   * can't lift an emergency pause.
   */
  paused?: boolean | undefined;
}

/** What a deployed program cost and where it is. */
export interface DeployedProgramSummary {
  program: string;
  edition: number;
  /** The transaction that deployed this edition. */
  transaction: string;
  /** What that transaction cost, in microcredits, as a decimal string. */
  fee: string;
  /** The address under which the program holds credits. */
  address: string;
}

/**
 * The programs of a network, each protected from deletion, and the settings that are managed.
 *
 * @example
 * new ContractSuite("contracts", { programs: [{ source: registry, paused: false }] });
 */
export class ContractSuite extends pulumi.ComponentResource {
  /** In the order of deployment. */
  readonly programs: pulumi.Output<DeployedProgramSummary[]>;
  /** The checksum of each declared program, by id. */
  readonly checksums: Readonly<Record<string, string>>;

  /** @throws pulumi.RunError for a program that does not parse, is declared twice or imports in a circle */
  constructor(name: string, args: ContractSuiteArgs, options?: pulumi.ComponentResourceOptions) {
    const programs = inOrder(args.programs);
    super("aleops:contract:ContractSuite", name, {}, options);
    const deployed = new Map<string, AleoProgram>();
    for (const program of programs) {
      const { source, paused } = program;
      const resource = new AleoProgram(
        `${name}-${program.id}`,
        { source },
        {
          parent: this,
          protect: true,
          dependsOn: program.imports.flatMap(({ id }) => deployed.get(id) ?? []),
        },
      );
      deployed.set(program.id, resource);
      if (paused !== undefined) {
        new ProgramSetting(`${name}-${program.id}-paused`, pauseSetting(program.id, paused), {
          parent: this,
          dependsOn: resource,
        });
      }
    }
    this.checksums = Object.fromEntries(
      programs.map((program) => [program.id, programChecksum(program)]),
    );
    this.programs = pulumi.all([...deployed.values()].map(summaryOf));
    this.registerOutputs({ programs: this.programs });
  }
}

/** Whether an import that is not declared here is on the chain is found out by its importer's check. */
function inOrder(programs: readonly SuiteProgram[]) {
  try {
    const declared = programs.map((entry) => ({ ...entry, ...parseProgram(entry.source) }));
    return deploymentOrder(declared, () => true);
  } catch (error) {
    // Pulumi shows another error with its stack.
    if (error instanceof AleoError) throw new pulumi.RunError(error.explain());
    throw error;
  }
}

/** The entry and the two functions by which a program of this project is paused. */
function pauseSetting(program: string, paused: boolean) {
  return {
    program,
    mapping: "paused",
    key: "0u8",
    value: String(paused),
    function: paused ? "pause" : "unpause",
    arguments: [],
  };
}

function summaryOf(resource: AleoProgram): pulumi.Output<DeployedProgramSummary> {
  const { program, edition, transaction, paidFee, address } = resource;
  return pulumi
    .all([program, edition, transaction, paidFee, address])
    .apply(([id, number, sent, fee, at]) => ({
      program: id,
      edition: number,
      transaction: sent,
      fee,
      address: at,
    }));
}
