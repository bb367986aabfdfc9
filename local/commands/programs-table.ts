import { z } from "zod";

/** The stack's output `programs`: what runs on the network, for people and for other tools. */
export const programsOutput = z.array(
  z.object({
    program: z.string(),
    edition: z.number(),
    transaction: z.string(),
    /** Microcredits, as a decimal string. */
    fee: z.string().regex(/^\d+$/),
    address: z.string(),
  }),
);

export type ProgramRow = z.infer<typeof programsOutput>[number];

const header = ["Program", "Edition", "Cost in credits", "Transaction", "Program address"];
const shortened = 20;

/** A table of at most `width` columns: ids are shortened in their middle where it would be wider. */
export function programsTable(rows: readonly ProgramRow[], width: number): string {
  const full = layOut(rows.map((row) => cells(row, (id) => id)));
  return longestLine(full) <= width ? full : layOut(rows.map((row) => cells(row, shorten)));
}

function cells(row: ProgramRow, id: (text: string) => string): string[] {
  const { program, edition, fee, transaction, address } = row;
  return [program, String(edition), formatCredits(BigInt(fee)), id(transaction), id(address)];
}

function layOut(rows: readonly string[][]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function longestLine(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

function shorten(id: string): string {
  if (id.length <= shortened) return id;
  return `${id.slice(0, shortened - 7)}…${id.slice(-6)}`;
}

/** Credits with six decimals, from microcredits. */
export function formatCredits(microcredits: bigint): string {
  const digits = microcredits.toString().padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
