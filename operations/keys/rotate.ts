import { AleoError } from "../../aleo/errors.ts";
import { PrivateKey } from "../../aleo/keys.ts";
import { formatCredits } from "../../aleo/network.ts";
import { BalanceError, TransactionRejectedError } from "../../aleo/transaction/errors.ts";
import type { Account } from "../account.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { requireFresh } from "../fresh-state.ts";
import { served } from "../until.ts";
import { emptyAccount } from "./empty-account.ts";
import { ContestedError, handOver } from "./hand-over.ts";
import type { KeyStore } from "./key-store.ts";
import { newPrivateKey } from "./new-key.ts";
import {
  closeProgress,
  readProgress,
  type RotationProgress,
  writeProgress,
} from "./progress-file.ts";
import { rightsOf } from "./rights.ts";
import { RotationError, sendCall } from "./send-call.ts";
import type { StackSecrets } from "./stack-secrets.ts";

export interface RotationOptions {
  readonly old: Account;
  /** Where the old account's rights are looked for. */
  readonly programs: readonly string[];
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
  /** What was to be handed over. */
  readonly programs: readonly string[];
  /** What stays with the old key, and why. */
  readonly left: readonly string[];
  /** Who else is the admin, one line a program. */
  readonly others: readonly string[];
  /** Who took a program over before the new account could, by program. */
  readonly lost: Readonly<Record<string, string>>;
  /** Programs that let the old key do what only the admin may. */
  readonly stillOpen: readonly string[];
  /** Programs for which the old account could not pay to be refused. */
  readonly unproven: readonly string[];
  /** One line each, in order. */
  readonly steps: readonly string[];
  /** Whether all was done that can be. */
  readonly done: boolean;
  /** What stopped it, and what to do then. */
  readonly problem?: string;
  readonly remedy?: string;
  /** `verificationFailed` where it is done and something is lost or still open. */
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
 * nowhere else. What needs Pulumi comes last: by then the old key has neither rights nor credits.
 * @throws RotationError, UnreadableProgramError, BalanceError, StaleStateError before the first step;
 *   what stops a later one is in the report
 */
export async function rotateKeys(options: RotationOptions): Promise<RotationReport> {
  const { old } = options;
  await requireFresh(old.node, "Nothing was sent.");
  const from = await old.builder.signer();
  return old.journal.exclusively("rotation", async () => {
    const known = await readProgress(options.path);
    if (known !== undefined) refuseOther(options, known, from);
    const progress = known === undefined ? await begin(options, from) : await goOn(options, known);
    const steps: string[] = [];
    const report = (): Omit<RotationReport, "done" | "code"> => ({
      ...{ from, to: progress.to, place: options.store.place, steps },
      ...{ programs: progress.programs, left: progress.left, others: progress.others },
      ...{ lost: progress.lost, stillOpen: progress.stillOpen },
      unproven: progress.programs.filter((program) => progress.refused[program] === ""),
    });
    try {
      await new Rotation(options, progress, steps).run();
      const isClean = Object.keys(progress.lost).length + progress.stillOpen.length === 0;
      const code = isClean ? exitCode.ok : exitCode.verificationFailed;
      return { ...report(), done: true, code };
    } catch (error) {
      if (!(error instanceof AleoError)) throw error;
      const { message: problem, remedy } = error;
      return { ...report(), done: false, problem, remedy, code: exitCode.partlyDone };
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
  const { programs, left, others } = await rightsOf(old.node, options.programs, from);
  const hasRights = programs.length + left.length > 0 || others.length === 0;
  // Else it is not asked before it must be: Pulumi may be away, and a leaked key can't wait for it.
  if (!hasRights || storeName === "pulumi") {
    const holder = await stackAccount(options);
    if (!hasRights && holder !== from) throw withoutRights(from, others);
    if (holder !== undefined && holder !== from) throw keptForAnother(secrets.stack, holder);
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
    ...{ from, to: null, store: storeName, stackHoldsAnother: null },
    ...{ programs: [...programs], left: [...left], others: [...others] },
    ...{ funded: null, accepted: {}, lost: {}, refused: {}, stillOpen: [], emptied: null },
    ...{ secretReplaced: false, clusterUpdated: false },
  };
  await writeProgress(path, progress);
  return progress;
}

function withoutRights(from: string, others: readonly string[]): RotationError {
  return new RotationError(
    `${from}, whose private key this is, has no rights to hand over: ${others.join("; ")}.`,
    {
      remedy:
        "Nothing was done. Set ALEO_PRIVATE_KEY to the key of the admin, or to the one that the stack holds.",
    },
  );
}

function keptForAnother(stack: string, holder: string): RotationError {
  return new RotationError(
    `The stack ${stack} holds the key of ${holder}, which is not the one that is rotated.`,
    { remedy: "Nothing was done. Keep the new key elsewhere: --store file:PATH." },
  );
}

/** With the programs that were not asked for before. */
async function goOn(
  { old, ...options }: RotationOptions,
  progress: RotationProgress,
): Promise<RotationProgress> {
  if (progress.emptied !== null) return progress;
  const { programs, left } = await rightsOf(old.node, options.programs, progress.from);
  return {
    ...progress,
    programs: [...new Set([...progress.programs, ...programs])],
    left: [...new Set([...progress.left, ...left])],
  };
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
    if (!this.#progress.clusterUpdated || this.#progress.emptied === null) await this.#handAll();
    await this.#options.store.release();
    await closeProgress(this.#options.path, this.#progress.to ?? "");
  }

  async #handAll(): Promise<void> {
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
    await this.#handOverEach(fresh, to);
    for (const program of Object.keys(this.#progress.accepted)) {
      await this.#proveRefused(program, to);
    }
    await this.#empty(to);
    await this.#replaceSecret(key);
    await this.#updateCluster();
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
    const { old, show } = this.#options;
    const isReached = async () => (await old.node.balance(to)) > 0n;
    const aim = { purpose: `first funds of ${to}`, isReached };
    show(aim.purpose);
    this.#progress.funded = await sendCall(old, `rotation/${to}`, aim, "credits.aleo", {
      functionName: "transfer_public",
      inputs: [to, `${firstFunds}u64`],
    });
    await served(isReached);
    await this.#keep(`it was given ${formatCredits(firstFunds)}`);
  }

  /** One that is contested does not keep the others from it. */
  async #handOverEach(fresh: Account, to: string): Promise<void> {
    const { old, show } = this.#options;
    const { from, programs, accepted } = this.#progress;
    const lost: Record<string, string> = {};
    this.#progress.lost = lost;
    let contested: ContestedError | undefined;
    for (const program of programs.filter((one) => !(one in accepted))) {
      try {
        const handed = await handOver({ old, fresh, from, to, show }, program);
        if (handed.admin === to) {
          accepted[program] = handed.transaction;
          await this.#keep(`it is the admin of ${program}`);
        } else {
          lost[program] = handed.admin;
          await this.#keep();
        }
      } catch (error) {
        if (!(error instanceof ContestedError)) throw error;
        contested ??= error;
      }
    }
    if (contested !== undefined) throw contested;
  }

  /** Offers the program to whom it belongs now: changes nothing if the chain should take it. */
  async #proveRefused(program: string, to: string): Promise<void> {
    const { refused, stillOpen } = this.#progress;
    if (program in refused || stillOpen.includes(program)) return;
    const { old, show } = this.#options;
    const aim = {
      purpose: `call of ${program}/offer_admin that the chain must refuse`,
      isReached: () => Promise.resolve(false),
    };
    show(aim.purpose);
    try {
      const call = { functionName: "offer_admin", inputs: [to] };
      await sendCall(old, `${program}/refusal`, aim, program, call);
    } catch (error) {
      if (error instanceof TransactionRejectedError) {
        refused[program] = error.transactionId;
        await this.#keep(
          `the chain refused the old key at ${program}/offer_admin: ${error.transactionId}`,
        );
        return;
      }
      // Somebody may have taken what was left for it, which must not keep the key in its places.
      if (!(error instanceof BalanceError)) throw error;
      refused[program] = "";
      await this.#keep();
      return;
    }
    stillOpen.push(program);
    await this.#keep();
  }

  async #empty(to: string): Promise<void> {
    if (this.#progress.emptied !== null) return;
    const { old, show } = this.#options;
    const { from } = this.#progress;
    show("emptying the old account");
    const accepted = await emptyAccount(old, from, to);
    this.#progress.emptied = accepted?.id ?? "";
    await this.#keep("what the old account held is the new one's: it can pay for nothing");
  }

  async #replaceSecret(key: PrivateKey): Promise<void> {
    const { secrets, show, stackHoldsKey } = this.#options;
    if (this.#progress.secretReplaced) return;
    this.#progress.stackHoldsAnother ??= await this.#isAnothersStack();
    const { stackHoldsAnother } = this.#progress;
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

  async #isAnothersStack(): Promise<boolean> {
    const { from, to } = this.#progress;
    const holder = await stackAccount(this.#options);
    return holder !== undefined && holder !== from && holder !== to;
  }

  async #updateCluster(): Promise<void> {
    const { secrets, clusterSecret, show } = this.#options;
    const { clusterUpdated, stackHoldsAnother } = this.#progress;
    if (clusterUpdated) return;
    const isOurs = clusterSecret === "stack" && stackHoldsAnother !== true;
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

  async #keep(step?: string): Promise<void> {
    await writeProgress(this.#options.path, this.#progress);
    if (step !== undefined) this.#steps.push(step);
  }
}
