import { AleoError } from "../../aleo/errors.ts";
import { PrivateKey } from "../../aleo/keys.ts";
import { formatCredits } from "../../aleo/network.ts";
import { BalanceError, TransactionRejectedError } from "../../aleo/transaction/errors.ts";
import type { Aim } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Call } from "../call.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { served } from "../until.ts";
import { adminOf, offeredAdminOf, rightsOf } from "./hand-over.ts";
import type { KeyStore } from "./key-store.ts";
import { newPrivateKey } from "./new-key.ts";
import {
  closeProgress,
  readProgress,
  type RotationProgress,
  writeProgress,
} from "./progress-file.ts";
import type { StackSecrets } from "./stack-secrets.ts";

class RotationError extends AleoError {}

/** The chain let the old key do what only an admin may. */
class OldKeyStillWorksError extends RotationError {}

export interface RotationOptions {
  readonly old: Account;
  /** The operating account of another key. */
  readonly accountOf: (key: PrivateKey) => Account;
  /** `pulumi`, or `file:` and a path. */
  readonly storeName: string;
  readonly store: KeyStore;
  readonly secrets: StackSecrets;
  /** Whether the stack keeps a key, or is to keep the new one. */
  readonly stackHoldsKey: boolean;
  /** Who makes the cluster's Secret: `stack`, somebody else (`others`), or there is none. */
  readonly clusterSecret: "stack" | "others" | "none";
  /** Where the progress is kept. */
  readonly path: string;
  readonly show: (text: string) => void;
}

export interface RotationReport {
  readonly from: string;
  /** Null where it was stopped before there is one. */
  readonly to: string | null;
  readonly place: string;
  readonly programs: readonly string[];
  readonly left: readonly string[];
  /** One line each, in order. */
  readonly steps: readonly string[];
  readonly done: boolean;
  readonly problem?: string;
  readonly remedy?: string;
  readonly code: ExitCode;
}

const keySetting = "aleo-ops:privateKey";
/** What the new account gets before the old one's rest: for the calls by which it accepts. */
const firstFunds = 1_000_000n;
/** What the old account needs besides for its own calls, for each program; measured: below 0.02. */
const feesPerProgram = 100_000n;

/**
 * Hands everything that an account may do to a new one, step by step, and shows that the old key
 * has lost it. Each step is noted when it is done, and looks at the chain before it sends: a run
 * that was stopped anywhere goes on there. The new key is made once, kept where `store` says and
 * nowhere else.
 * @throws RotationError, BalanceError before the first step; what stops a later one is in the report
 */
export async function rotateKeys(options: RotationOptions): Promise<RotationReport> {
  const { old } = options;
  const from = await old.builder.signer();
  return old.journal.exclusively("rotation", async () => {
    const progress = (await readProgress(options.path)) ?? (await begin(options, from));
    refuseOther(options, progress, from);
    const steps: string[] = [];
    const report = {
      from,
      place: options.store.place,
      programs: progress.programs,
      left: progress.left,
      steps,
    };
    try {
      await new Rotation(options, progress, steps).run();
      return { ...report, to: progress.to, done: true, code: exitCode.ok };
    } catch (error) {
      if (!(error instanceof AleoError)) throw error;
      const code =
        error instanceof OldKeyStillWorksError ? exitCode.verificationFailed : exitCode.partlyDone;
      const { message: problem, remedy } = error;
      return { ...report, to: progress.to, done: false, problem, remedy, code };
    }
  });
}

async function begin(options: RotationOptions, from: string): Promise<RotationProgress> {
  const { old, store, storeName, secrets, path } = options;
  if ((await store.read()) !== undefined) {
    throw new RotationError(
      `There is a key in ${store.place} already, and no rotation under way.`,
      {
        remedy: "Nothing was done. Name another place, or take that key away knowingly.",
      },
    );
  }
  const declared = old.settings.programs.map(({ program }) => program);
  const { programs, left, others } = await rightsOf(old.node, declared, from);
  const holder = await stackAccount(options);
  if (programs.length + left.length === 0 && others.length > 0 && holder !== from) {
    throw new RotationError(
      `${from}, whose private key this is, has no rights to hand over: ${others.join("; ")}.`,
      {
        remedy:
          "Nothing was done. Set ALEO_PRIVATE_KEY to the key of the admin, or to the one that the stack holds.",
      },
    );
  }
  const stackHoldsAnother = holder !== undefined && holder !== from;
  if (stackHoldsAnother && storeName === "pulumi") {
    throw new RotationError(
      `The stack ${secrets.stack} holds the key of ${holder}, which is not the one that is rotated.`,
      { remedy: "Nothing was done. Keep the new key elsewhere: --store file:PATH." },
    );
  }
  const needed = firstFunds + feesPerProgram * BigInt(programs.length + 1);
  const held = await old.node.balance(from);
  if (held < needed) {
    throw new BalanceError(
      `${from} holds ${formatCredits(held)}; the rotation needs ${formatCredits(needed)}, most of which goes to the new account.`,
      { remedy: "Nothing was done. Transfer credits to it, then run again." },
    );
  }
  const progress: RotationProgress = {
    ...{ from, to: null, store: storeName, programs: [...programs], left: [...left] },
    ...{ funded: null, offered: {}, accepted: {}, secretReplaced: false },
    ...{ clusterUpdated: false, refused: {}, emptied: null, stackHoldsAnother },
  };
  await writeProgress(path, progress);
  return progress;
}

/** The account whose key the stack holds; undefined where it holds none. */
async function stackAccount(options: RotationOptions): Promise<string | undefined> {
  const { stackHoldsKey, secrets, accountOf } = options;
  const key = stackHoldsKey ? await secrets.get(keySetting) : undefined;
  if (key === undefined) return undefined;
  return accountOf(new PrivateKey(key, `the stack ${secrets.stack}`)).builder.signer();
}

function refuseOther({ storeName, path }: RotationOptions, known: RotationProgress, from: string) {
  if (known.from !== from) {
    throw new RotationError(
      `The rotation under way is that of ${known.from}; the private key is that of ${from}.`,
      { remedy: "Nothing was done. Set ALEO_PRIVATE_KEY to the old key until it has ended." },
    );
  }
  if (known.store !== storeName) {
    throw new RotationError(`The new key of the rotation under way is kept in ${known.store}.`, {
      remedy: `Run again with --store ${known.store}. (${path} says how far it is.)`,
    });
  }
}

class Rotation {
  readonly #options: RotationOptions;
  readonly #progress: RotationProgress;
  readonly #steps: string[];

  constructor(options: RotationOptions, progress: RotationProgress, steps: string[]) {
    this.#options = options;
    this.#progress = progress;
    this.#steps = steps;
  }

  async run(): Promise<void> {
    // The store may have let go of the key by then.
    if (this.#progress.emptied !== null) return this.#finish();
    const { old } = this.#options;
    const key = await this.#key();
    const fresh = this.#options.accountOf(key);
    const to = await fresh.builder.signer();
    this.#progress.to ??= to;
    if (this.#progress.to !== to) {
      throw new RotationError(
        `The key in ${this.#options.store.place} is that of ${to}; the rotation under way is to ${this.#progress.to}.`,
        { remedy: "Put the key of that account back there, then run again." },
      );
    }
    await this.#keep(`the new account is ${to}, its key is in ${this.#options.store.place}`);
    await this.#fund(to);
    for (const program of this.#progress.programs) await this.#offer(program, to);
    for (const program of this.#progress.programs) await this.#accept(fresh, program, to);
    await this.#replaceSecret(key);
    await this.#updateCluster();
    for (const program of this.#progress.programs) await this.#proveRefused(program, to);
    await this.#empty(old, to);
    await this.#finish();
  }

  async #finish(): Promise<void> {
    await this.#options.store.release();
    await closeProgress(this.#options.path, this.#progress.to ?? "");
  }

  async #key(): Promise<PrivateKey> {
    const { store, old } = this.#options;
    const known = await store.read();
    if (known !== undefined) return known;
    if (this.#progress.to !== null) {
      throw new RotationError(`The new key is not in ${store.place} any more.`, {
        remedy: `Put the key of ${this.#progress.to} back there. Without it, what was handed over to it is lost.`,
      });
    }
    this.#options.show("making a key");
    await store.write(await newPrivateKey(old.node.network));
    // What is kept is what counts.
    const kept = await store.read();
    if (kept !== undefined) return kept;
    throw new RotationError(`The new key was written to ${store.place}, and is not there.`, {
      remedy: "Nothing was sent. Choose another place.",
    });
  }

  async #fund(to: string): Promise<void> {
    if (this.#progress.funded !== null) return;
    const { old } = this.#options;
    this.#progress.funded = await this.#call(
      old,
      `rotation/${to}`,
      {
        purpose: `first funds of ${to}`,
        isReached: async () => (await old.node.balance(to)) > 0n,
      },
      "credits.aleo",
      { functionName: "transfer_public", inputs: [to, `${firstFunds}u64`] },
    );
    await this.#keep(`it was given ${formatCredits(firstFunds)}`);
  }

  async #offer(program: string, to: string): Promise<void> {
    if (program in this.#progress.offered) return;
    const { old } = this.#options;
    this.#progress.offered[program] = await this.#call(
      old,
      `${program}/offered_admin[0u8]`,
      {
        purpose: `offer of ${program} to ${to}`,
        isReached: async () =>
          (await offeredAdminOf(old.node, program)) === to ||
          (await adminOf(old.node, program)) === to,
      },
      program,
      { functionName: "offer_admin", inputs: [to] },
    );
    await this.#keep(`${program} was offered to it`);
  }

  async #accept(fresh: Account, program: string, to: string): Promise<void> {
    if (program in this.#progress.accepted) return;
    this.#progress.accepted[program] = await this.#call(
      fresh,
      `${program}/admin[0u8]`,
      {
        purpose: `acceptance of ${program} by ${to}`,
        isReached: async () => (await adminOf(fresh.node, program)) === to,
      },
      program,
      { functionName: "accept_admin", inputs: [] },
    );
    await this.#keep(`it is the admin of ${program}`);
  }

  async #replaceSecret(key: PrivateKey): Promise<void> {
    const { secrets, show, stackHoldsKey } = this.#options;
    const { secretReplaced, stackHoldsAnother } = this.#progress;
    if (secretReplaced) return;
    const isReplaced = stackHoldsKey && !stackHoldsAnother;
    if (isReplaced) {
      show("replacing the stack's secret");
      await secrets.set(keySetting, key.reveal());
    }
    this.#progress.secretReplaced = true;
    const kept = stackHoldsAnother ? "holds the key of another account: it stays" : "holds no key";
    await this.#keep(
      isReplaced
        ? `its key is the secret privateKey of the stack ${secrets.stack}`
        : `the stack ${secrets.stack} ${kept}; nothing to replace there`,
    );
  }

  async #updateCluster(): Promise<void> {
    const { secrets, clusterSecret, show } = this.#options;
    const { clusterUpdated, stackHoldsAnother } = this.#progress;
    if (clusterUpdated) return;
    const isOurs = clusterSecret === "stack" && !stackHoldsAnother;
    if (isOurs) await secrets.up(show);
    this.#progress.clusterUpdated = true;
    const told = {
      stack: isOurs
        ? "the cluster's Secret was replaced by `up`"
        : "the cluster's Secret holds the key of another account: it stays",
      others: "the cluster's Secret is made by others than the stack: replace the key there",
      none: "the stack declares no cluster: nothing to replace there",
    };
    await this.#keep(told[clusterSecret]);
  }

  /** Offers the program to whom it belongs now: changes nothing if the chain should take it. */
  async #proveRefused(program: string, to: string): Promise<void> {
    if (program in this.#progress.refused) return;
    const { old } = this.#options;
    const aim = {
      purpose: `call of ${program}/offer_admin that the chain must refuse`,
      isReached: () => Promise.resolve(false),
    };
    try {
      const call = { functionName: "offer_admin", inputs: [to] };
      await this.#call(old, `${program}/refusal`, aim, program, call);
    } catch (error) {
      if (!(error instanceof TransactionRejectedError)) throw error;
      this.#progress.refused[program] = error.transactionId;
      await this.#keep(
        `the chain refused the old key at ${program}/offer_admin: ${error.transactionId}`,
      );
      return;
    }
    throw new OldKeyStillWorksError(
      `The old key could still call ${program}/offer_admin, which only the admin may.`,
      {
        remedy:
          "Treat the program as open to whoever has the old key: pause it, and look at its code.",
      },
    );
  }

  async #empty(old: Account, to: string): Promise<void> {
    if (this.#progress.emptied !== null) return;
    const { node, builder, settings } = old;
    const { from } = this.#progress;
    this.#options.show("emptying the old account");
    const callee = await calleeOf(node, "credits.aleo");
    if (callee === undefined) return;
    const transfer = (amount: bigint) => ({
      functionName: "transfer_public",
      inputs: [to, `${amount}u64`],
    });
    const held = await node.balance(from);
    const price = await builder.estimateExecution({
      ...callee,
      ...transfer(held),
      priorityFee: 0n,
    });
    const fee = price + settings.priorityFee;
    this.#progress.emptied = await this.#call(
      old,
      `rotation/${from}`,
      {
        purpose: `emptying of ${from} into ${to}`,
        isReached: async () => (await node.balance(from)) <= fee,
      },
      "credits.aleo",
      transfer(held > fee ? held - fee : 0n),
    );
    await this.#keep(
      `the old account holds ${formatCredits(await node.balance(from))} and can pay for nothing`,
    );
  }

  /** @returns the accepted transaction's id; empty where the chain was there without one */
  async #call(
    account: Account,
    subject: string,
    aim: Aim,
    programId: string,
    call: Call,
  ): Promise<string> {
    this.#options.show(aim.purpose);
    const callee = await calleeOf(account.node, programId);
    if (callee === undefined) {
      throw new RotationError(`${programId} is not on ${account.node.network} any more.`, {
        remedy: "Check that the endpoints serve the ledger that the programs are on.",
      });
    }
    const accepted = await account.journal.exclusively(subject, () =>
      callOnce(account, subject, aim, callee, call),
    );
    await served(() => aim.isReached());
    return accepted?.id ?? "";
  }

  async #keep(step: string): Promise<void> {
    await writeProgress(this.#options.path, this.#progress);
    this.#steps.push(step);
  }
}

export function rotationText(report: RotationReport): string {
  const { steps, left, done, from, to, place, problem, remedy } = report;
  return [
    ...steps.map((step) => `✔ ${step}`),
    ...left.map((line) => `! ${line}`),
    ...(done
      ? [
          `The key of ${from} has no power any more; that of ${to ?? ""} has taken its place.`,
          `Next: set ALEO_PRIVATE_KEY to the new key where the old one is set (${place.startsWith("the secret") ? "the stack has it" : `it is in ${place}`}), workflows included; then delete the old one.`,
        ]
      : [
          `✖ ${problem ?? ""}`,
          `    What to do: ${remedy ?? ""}`,
          "    Then run the same command again, with the old key: it goes on where it stopped.",
        ]),
  ].join("\n");
}
