import type { NodeClient } from "../node/client.ts";
import { componentsOf, type Program } from "../program/program.ts";
import type { TransactionBuilder } from "./builder.ts";

/** Who may do in a program of contracts/ what only its admin may; undefined where the entry is not there. */
export function adminOf(node: NodeClient, program: string): Promise<string | undefined> {
  return node.mappingValue(program, "admin", "0u8");
}

/** To whom its admin offers that; undefined where to nobody. */
export function offeredAdminOf(node: NodeClient, program: string): Promise<string | undefined> {
  return node.mappingValue(program, "offered_admin", "0u8");
}

/** Whether a program keeps who its admin is. */
export function keepsAdmin(program: Program): boolean {
  return componentsOf(program, "mapping").has("admin");
}

/** The admin of a program, and who signs, where these are two; undefined where nothing says so. */
export async function otherAdmin(
  node: NodeClient,
  builder: TransactionBuilder,
  program: Program,
): Promise<{ readonly admin: string; readonly signer: string } | undefined> {
  if (!keepsAdmin(program)) return undefined;
  const [admin, signer] = [await adminOf(node, program.id), await builder.signer()];
  return admin === undefined || admin === signer ? undefined : { admin, signer };
}
