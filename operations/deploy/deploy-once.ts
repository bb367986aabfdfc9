import { AleoError } from "../../aleo/errors.ts";
import type { ConfirmedTransaction } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import type { Program } from "../../aleo/program/program.ts";
import { adminOf, keepsAdmin } from "../../aleo/transaction/admin.ts";
import { deploymentPurpose } from "../../aleo/transaction/deployment-purpose.ts";
import { deployedImports } from "../../aleo/transaction/imports.ts";
import { send, settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { checkAffordable } from "../call.ts";
import { until } from "../until.ts";

class DeploymentError extends AleoError {}

/** Another program has the name, or somebody else's copy of this one. Nothing was sent. */
export class NameTakenError extends AleoError {}

/**
 * Puts a program on chain as edition 0, once: an identical one of the signer's that is there is taken
 * as it is, and what an earlier run sent is looked up before. Returns when the node serves it.
 * @returns the accepted transaction; undefined where the program was there
 * @throws NameTakenError where the name is taken; FeeLimitError, BalanceError before anything is
 *   sent; otherwise as `send` and `settleEarlier` do
 */
export async function deployOnce(
  account: Account,
  source: string,
): Promise<ConfirmedTransaction | undefined> {
  const program = parseProgram(source);
  const { id } = program;
  const { node, builder, settings } = account;
  const checksum = programChecksum(program);
  const purpose = deploymentPurpose(id, 0, checksum);
  const deployed = async () => {
    const found = await node.program(id);
    return found === undefined ? undefined : programChecksum(parseProgram(found.source));
  };
  const aim = { purpose, isReached: async () => (await deployed()) === checksum };
  return account.journal.exclusively(id, async () => {
    const earlier = await settleEarlier(account, id, aim);
    const there = await deployed();
    if (there !== undefined && there !== checksum) {
      throw new NameTakenError(`The name ${id} is taken by another program.`, chooseAnother);
    }
    if (there === checksum) {
      if (earlier === undefined) await refuseOthers(account, program);
      return earlier;
    }
    if (earlier === undefined) {
      const transaction = await builder.deployment({
        ...{ programId: id, source, edition: 0, priorityFee: settings.priorityFee },
        imports: await deployedImports(node, program),
      });
      await checkAffordable(account, purpose, transaction.fee);
      const accepted = await send(account, id, purpose, transaction);
      await served(account, id, aim.isReached);
      return accepted;
    }
    await served(account, id, aim.isReached);
    return earlier;
  });
}

const chooseAnother = { remedy: "Nothing was sent. Choose another name." };

/** Whoever knows a text can deploy it first: then it is the same, and theirs. */
async function refuseOthers({ node, builder }: Account, program: Program): Promise<void> {
  const { id } = program;
  const administrator = keepsAdmin(program)
    ? await adminOf(node, id)
    : (await node.program(id))?.owner;
  const signer = await builder.signer();
  if (administrator === signer) return;
  throw new NameTakenError(
    `${id} has the same text, and is administered by ${administrator ?? "nobody who is known"}, not by ${signer}.`,
    chooseAnother,
  );
}

async function served(
  { confirmationTimeoutMs }: Account,
  id: string,
  isReached: () => Promise<boolean>,
): Promise<void> {
  if (await until(isReached, confirmationTimeoutMs)) return;
  throw new DeploymentError(`${id} was accepted, but no endpoint serves it yet.`, {
    remedy: "Run it again in a minute: it finds the program and pays nothing for it.",
  });
}
