import type { Command } from "commander";
import { look, operation, type Options } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";

/** `security-scan`. */
export function addSecurityScanCommand(parent: Command): void {
  operation(
    parent,
    "security-scan",
    "look for secrets, vulnerable packages, wide rights and unguarded functions; exit code 3 where one is high or worse",
    "security-scan --deep --sarif scan.sarif",
  )
    .option("--deep", "look through the whole history as well")
    .option("--sarif <file>", "write it for code scanning, too")
    .action((options: Options & { deep?: boolean; sarif?: string }) =>
      look(options, async (settings, node) => {
        const { isAlarming, securityScan } = await import("./scan.ts");
        const { securityScanText } = await import("./text.ts");
        const scan = await securityScan(
          process.cwd(),
          { deep: options.deep === true, now: new Date() },
          { settings, node },
        );
        if (options.sarif !== undefined) {
          const { writeFile } = await import("node:fs/promises");
          const { sarifOf } = await import("./sarif.ts");
          await writeFile(options.sarif, `${JSON.stringify(sarifOf(scan), undefined, 2)}\n`);
        }
        return {
          document: scan,
          text: securityScanText(scan),
          code: isAlarming(scan) ? exitCode.verificationFailed : exitCode.ok,
        };
      }),
    );
}
