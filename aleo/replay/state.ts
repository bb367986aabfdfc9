import type { Lookup } from "./code.ts";
import { parsePlaintext, plaintextText } from "./text.ts";
import type { Plaintext, Unknown } from "./values.ts";

/** A value as the chain prints it; or that there is one which can't be known. */
type Stored = string | Unknown;

/** What is known of a watched account's balance. */
type Balance =
  | { readonly kind: "known"; readonly value: string | undefined }
  /** Taken to be empty until a block shows that it was, or was not. */
  | { readonly kind: "assumed" }
  | { readonly kind: "unknown" };

const creditsProgram = "credits.aleo";
const accountMapping = "account";

/**
 * The mappings of the programs that are followed, and the balances of the accounts that are watched.
 * Changes are made within `attempt`, which takes them all back where they fail.
 */
export class State {
  readonly #programs = new Map<string, Map<string, Map<string, Stored>>>();
  readonly #balances = new Map<string, Balance>();
  #undo: (() => void)[] = [];

  /** Follows a program; what it holds is what is put in from then on. */
  follow(program: string): void {
    if (!this.#programs.has(program)) this.#programs.set(program, new Map());
  }

  follows(program: string): boolean {
    return this.#programs.has(program);
  }

  get followed(): readonly string[] {
    return [...this.#programs.keys()];
  }

  /**
   * Watches an account in credits.aleo. A balance in microcredits is taken as sure, and none
   * (`undefined`) as an account without an entry, until a block shows otherwise.
   */
  watch(address: string, balance?: bigint): void {
    this.#balances.set(
      address,
      balance === undefined ? { kind: "assumed" } : { kind: "known", value: `${balance}u64` },
    );
  }

  get watched(): readonly string[] {
    return [...this.#balances.keys()];
  }

  /** In microcredits, 0 for no entry; undefined where it can't be known. */
  balance(address: string): bigint | undefined {
    const found = this.#balances.get(address);
    if (found === undefined || found.kind === "unknown") return undefined;
    return found.kind === "assumed" || found.value === undefined
      ? 0n
      : BigInt(found.value.slice(0, -"u64".length));
  }

  isAssumed(address: string): boolean {
    return this.#balances.get(address)?.kind === "assumed";
  }

  setBalance(address: string, balance: bigint | undefined): void {
    this.#setBalance(
      address,
      balance === undefined ? { kind: "unknown" } : { kind: "known", value: `${balance}u64` },
    );
  }

  initialize(program: string, mapping: string): void {
    const mappings = this.#programs.get(program);
    if (mappings === undefined || mappings.has(mapping)) return;
    mappings.set(mapping, new Map());
    this.#undo.push(() => mappings.delete(mapping));
  }

  read(program: string, mapping: string, key: string): Lookup {
    const balance = this.#balanceAt(program, mapping, key);
    if (balance !== undefined) return lookupOf(balance, `${program}/${mapping}[${key}]`);
    const entries = this.#programs.get(program)?.get(mapping);
    if (entries === undefined) {
      return { known: false, from: { kind: "unknown", from: `${program}/${mapping}` } };
    }
    const stored = entries.get(key);
    if (stored === undefined) return { known: true, value: undefined };
    return typeof stored === "string"
      ? { known: true, value: parsePlaintext(stored) }
      : { known: false, from: stored };
  }

  /** Whether what is written under this key is kept. */
  keeps(program: string, mapping: string, key: string): boolean {
    return this.follows(program) || this.#balanceAt(program, mapping, key) !== undefined;
  }

  isBalance(program: string, mapping: string, key: string): boolean {
    return this.#balanceAt(program, mapping, key) !== undefined;
  }

  set(program: string, mapping: string, key: string, value: Plaintext | Unknown): void {
    const stored = value.kind === "unknown" ? value : plaintextText(value);
    if (this.isBalance(program, mapping, key)) {
      this.#setBalance(
        key,
        typeof stored === "string" ? { kind: "known", value: stored } : { kind: "unknown" },
      );
      return;
    }
    this.#change(program, mapping, key, stored);
  }

  /** Whether there was an entry. */
  remove(program: string, mapping: string, key: string): boolean {
    const balance = this.#balanceAt(program, mapping, key);
    if (balance !== undefined) {
      this.#setBalance(key, { kind: "known", value: undefined });
      return balance.kind !== "known" || balance.value !== undefined;
    }
    const had = this.#programs.get(program)?.get(mapping)?.has(key) === true;
    this.#change(program, mapping, key, undefined);
    return had;
  }

  /** Carries out changes; takes them back where `work` throws. */
  attempt<T>(work: () => T): T {
    const outer = this.#undo;
    this.#undo = [];
    try {
      const result = work();
      for (const step of this.#undo) outer.push(step);
      return result;
    } catch (error) {
      this.#takeBack();
      throw error;
    } finally {
      this.#undo = outer;
    }
  }

  /** Carries out changes, and takes them back in any case. */
  dryRun<T>(work: () => T): T {
    const outer = this.#undo;
    this.#undo = [];
    try {
      return work();
    } finally {
      this.#takeBack();
      this.#undo = outer;
    }
  }

  /** Ends what can be taken back: the changes of a block stand. */
  settle(): void {
    this.#undo = [];
  }

  /** Takes back what was changed since the last `settle`. */
  abandon(): void {
    this.#takeBack();
  }

  /** The mappings of a program with their entries; values that can't be known are `undefined`. */
  mappings(
    program: string,
  ): ReadonlyMap<string, Iterable<readonly [key: string, value: string | undefined]>> {
    const mappings = this.#programs.get(program) ?? new Map<string, Map<string, Stored>>();
    return new Map([...mappings].map(([name, entries]) => [name, plainEntries(entries)]));
  }

  /** Puts in an entry as it was before the first block, without a way back. */
  load(program: string, mapping: string, entries: Iterable<readonly [string, string]>): void {
    this.follow(program);
    this.#programs.get(program)?.set(mapping, new Map(entries));
  }

  #takeBack(): void {
    for (const step of this.#undo.reverse()) step();
    this.#undo = [];
  }

  #balanceAt(program: string, mapping: string, key: string): Balance | undefined {
    return program === creditsProgram && mapping === accountMapping
      ? this.#balances.get(key)
      : undefined;
  }

  #setBalance(address: string, balance: Balance): void {
    const before = this.#balances.get(address);
    if (before === undefined) return;
    this.#balances.set(address, balance);
    this.#undo.push(() => this.#balances.set(address, before));
  }

  #change(program: string, mapping: string, key: string, value: Stored | undefined): void {
    const entries = this.#programs.get(program)?.get(mapping);
    if (entries === undefined) return;
    const before = entries.get(key);
    put(entries, key, value);
    this.#undo.push(() => {
      put(entries, key, before);
    });
  }
}

function put(entries: Map<string, Stored>, key: string, value: Stored | undefined): void {
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
}

function lookupOf(balance: Balance, where: string): Lookup {
  switch (balance.kind) {
    case "known":
      return {
        known: true,
        value: balance.value === undefined ? undefined : parsePlaintext(balance.value),
      };
    case "assumed":
      return { known: true, value: undefined };
    case "unknown":
      return { known: false, from: { kind: "unknown", from: where } };
  }
}

function* plainEntries(
  entries: ReadonlyMap<string, Stored>,
): Generator<readonly [string, string | undefined]> {
  for (const [key, value] of entries) {
    yield [key, typeof value === "string" ? value : undefined];
  }
}
