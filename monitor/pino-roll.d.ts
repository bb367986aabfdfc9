declare module "pino-roll" {
  import type { EventEmitter } from "node:events";

  /** A file that is written, and changed for another now and then. */
  export interface RolledFile extends EventEmitter {
    /** The file that is written now. */
    readonly file: string;
    write(line: string): boolean;
    end(): void;
  }

  export default function roll(options: {
    readonly file: string;
    readonly frequency: "daily" | "hourly";
    readonly size: string;
    readonly dateFormat: string;
    readonly mkdir: boolean;
    readonly sync: boolean;
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean };
  }): Promise<RolledFile>;
}
