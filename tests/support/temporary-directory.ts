import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryDirectory {
  readonly path: string;
  readonly remove: () => void;
}

export function temporaryDirectory(label: string): TemporaryDirectory {
  const path = mkdtempSync(join(realpathSync(tmpdir()), `aleo-ops-${label}-`));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
