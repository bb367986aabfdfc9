import type { Severity } from "../../monitor/alert/severity.ts";
import type { Finding, Look } from "./finding.ts";
import type { Tree } from "./tree.ts";

/** Looks at how the image is built. */
export function imageLook(tree: Tree): Look {
  const files = tree.files.filter((file) =>
    /(?:^|\/)(?:Dockerfile|Containerfile)(?:\.\w+)?$/.test(file),
  );
  return {
    part: "image",
    looked: files.join(", ") || "nothing",
    ...(files.length === 0 && { problem: "there is no Dockerfile here" }),
    findings: files.flatMap((file) => imageFindings(file, tree.read(file) ?? "")),
  };
}

export function imageFindings(file: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const stages = new Set(["scratch"]);
  let last = { line: 1, user: "" };
  const add = (
    line: number,
    rule: string,
    severity: Severity,
    subject: string,
    [what, why, remedy]: readonly [string, string, string],
  ) => findings.push({ file, line, rule, severity, subject, what, why, remedy });

  for (const { line, word, rest } of instructions(text)) {
    if (word === "FROM") {
      const [, base = "", stage] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(rest) ?? [];
      if (!stages.has(base) && !/@sha256:[0-9a-f]{64}$/.test(base)) {
        add(line, "unpinned-image", "high", base, [
          `the base image ${base} is not pinned by its digest`,
          "A tag can be moved to another image, which then runs with the key of the operations.",
          "Name the digest: `FROM image:tag@sha256:…`.",
        ]);
      }
      if (stage !== undefined) stages.add(stage);
      last = { line, user: "" };
    } else if (word === "USER") {
      last = { line, user: rest.split(":")[0] ?? "" };
    } else if (word === "ADD" && /https?:\/\//.test(rest) && !rest.includes("--checksum=")) {
      add(line, "unchecked-download", "high", rest, [
        "ADD fetches a file without a checksum",
        "Whoever answers at that address puts what they like into the image.",
        "Add `--checksum=sha256:…`.",
      ]);
    } else if (
      ["ENV", "ARG"].includes(word) &&
      /\b\w*(?:PRIVATE_KEY|TOKEN|PASSWORD|SECRET)\w*[= ]/.test(`${rest} `)
    ) {
      add(line, "secret-in-image", "high", rest.split(/[= ]/)[0] ?? "", [
        `${word} ${rest.split(/[= ]/)[0] ?? ""} puts a secret into the image`,
        "It stays in the image's layers, and everybody who can pull it reads it.",
        "Give it at run time, from a Secret of the cluster.",
      ]);
    }
  }
  if (last.user === "" || /^(?:root|0)$/.test(last.user)) {
    add(last.line, "root-image", "high", file, [
      "the image runs as root",
      "Whoever breaks out of the process is root in the container, and one step nearer to the node.",
      "End with `USER 65532:65532`.",
    ]);
  }
  return findings;
}

function* instructions(text: string): Generator<{ line: number; word: string; rest: string }> {
  let line = 0;
  let held: { line: number; text: string } | undefined;
  for (const row of text.split("\n")) {
    line += 1;
    if (/^\s*(?:#|$)/.test(row)) continue;
    held = { line: held?.line ?? line, text: `${held?.text ?? ""}${row.replace(/\\\s*$/, " ")}` };
    if (/\\\s*$/.test(row)) continue;
    const [, word = "", rest = ""] = /^\s*(\w+)\s+(.*)$/.exec(held.text) ?? [];
    yield { line: held.line, word: word.toUpperCase(), rest: rest.trim() };
    held = undefined;
  }
}
