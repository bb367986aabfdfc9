import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { AleoError } from "../aleo/errors.ts";
import { loadSdk } from "../aleo/transaction/sdk.ts";
import { leoVersion, lockFileIn, lockOf, programsIn, type ProgramFiles } from "./programs-lock.ts";

class CompileError extends AleoError {}

const getLeo = `Get it with \`cargo install leo-lang@${leoVersion} --locked\` (about 15 minutes), then run again.`;

/** Where `cargo install` puts leo counts as on PATH. */
const env = {
  PATH: [process.env.PATH ?? "", join(homedir(), ".cargo", "bin")].join(delimiter),
};

/** @throws CompileError where leo is missing or has another version */
async function requireLeo(): Promise<void> {
  const { failed, stdout } = await execa("leo", ["--version"], { env, reject: false });
  if (failed) throw new CompileError("leo, the compiler, was not found.", { remedy: getLeo });
  const version = /^leo (\S+)/.exec(stdout)?.[1] ?? stdout;
  if (version !== leoVersion) {
    throw new CompileError(
      `leo ${version} was found; the programs are compiled with leo ${leoVersion}, so that the same source gives the same program.`,
      { remedy: getLeo },
    );
  }
}

/** A folder as leo keeps it for programs that it imports, so that it asks no node for credits.aleo. */
async function prepareRegistry(home: string): Promise<void> {
  const sdk = await loadSdk("testnet");
  const folder = join(home, "registry", "testnet", "credits", "0");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "credits.aleo"), sdk.Program.getCreditsProgram().toString());
}

/** @throws CompileError with what leo says about the source */
async function compile({ id, directory }: ProgramFiles, workshop: string): Promise<string> {
  const package_ = join(workshop, id);
  cpSync(directory, package_, { recursive: true });
  const { failed, all } = await execa(
    "leo",
    [
      "build",
      ...["--path", package_, "--home", workshop, "--network", "testnet"],
      // Never asked: all that is imported is in the registry.
      ...["--endpoint", "http://127.0.0.1:1", "--disable-update-check"],
    ],
    { env, reject: false, all: true },
  );
  if (failed) {
    throw new CompileError(`leo refused ${id}:\n${all}`, {
      remedy: `Correct ${join("contracts", id.replace(".aleo", ""), "src", "main.leo")}, then run again. Nothing was written.`,
    });
  }
  return readFileSync(join(package_, "build", "main.aleo"), "utf8");
}

async function compileAll(contracts: string): Promise<void> {
  await requireLeo();
  const workshop = mkdtempSync(join(tmpdir(), "aleo-ops-contracts-"));
  try {
    await prepareRegistry(workshop);
    const compiled: { program: ProgramFiles; text: string }[] = [];
    for (const program of programsIn(contracts)) {
      compiled.push({ program, text: await compile(program, workshop) });
    }
    for (const { program, text } of compiled) {
      writeFileSync(program.compiled, text);
      console.log(`${program.id}  ${Buffer.byteLength(text)} bytes`);
    }
    writeFileSync(lockFileIn(contracts), `${JSON.stringify(lockOf(contracts), null, 2)}\n`);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

try {
  await compileAll(import.meta.dirname);
} catch (error) {
  if (!(error instanceof AleoError)) throw error;
  process.stderr.write(`error: ${error.explain()}\n`);
  process.exitCode = 1;
}
