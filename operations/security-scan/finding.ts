import type { Severity } from "../../monitor/alert/severity.ts";

/** Something that a scan found and that somebody should change, or accept with a reason. */
export interface Finding {
  /** By which it is accepted: `unpinned-action`. */
  readonly rule: string;
  readonly severity: Severity;
  /** From the root of the tree; of what is on chain only, the program's id. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The commit that brought it in, where it is in the history. */
  readonly commit?: string;
  /** What it is about, so that it can be accepted alone: a function, an action, a package. */
  readonly subject: string;
  /** It never repeats a secret. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

/** One part of a scan: what it looked at, or why it could not. */
export interface Look {
  readonly part: string;
  /** In words: `612 files`. */
  readonly looked: string;
  /** Why it was not looked at, or not at all of it. */
  readonly problem?: string;
  readonly findings: readonly Finding[];
}
