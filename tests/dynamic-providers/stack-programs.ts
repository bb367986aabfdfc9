/** The text of an index.ts that declares programs, each by itself: name of the resource to source. */
export function declaring(sources: Readonly<Record<string, string>>, more = ""): string {
  const declarations = Object.entries(sources).map(
    ([name, source]) =>
      `programs[${JSON.stringify(name)}] = new AleoProgram(${JSON.stringify(name)}, { source: ${JSON.stringify(source)} });`,
  );
  return `import { AleoProgram } from "./dynamic-providers/program.ts";
import { ProgramSetting } from "./dynamic-providers/program-setting.ts";
export const programs: Record<string, AleoProgram> = {};
${declarations.join("\n")}
${more}
`;
}

/** The text of an index.ts that declares programs through ContractSuite. */
export function suiteOf(programs: readonly { source: string; paused?: boolean }[]): string {
  return `import { ContractSuite } from "./components/contract-suite.ts";
export const programs = new ContractSuite("contracts", { programs: ${JSON.stringify(programs)} }).programs;
`;
}
