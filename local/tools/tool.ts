/** What `make doctor` says about a tool, found out without building or downloading anything. */
export interface ToolReport {
  readonly name: string;
  /**
   * `ready` is there, `obtainable` will be got by `make tools`, `optional` is not there and not
   * needed now, `missing` needs a person.
   */
  readonly status: "ready" | "obtainable" | "optional" | "missing";
  readonly version?: string;
  /** Where it was found, or where it will come from. */
  readonly from: string;
  /** How to get it; set where a person has to act. */
  readonly remedy?: string;
}

/** Receives one short line at a time about a step that takes long. */
export type Progress = (line: string) => void;
