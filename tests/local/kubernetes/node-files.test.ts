import assert from "node:assert/strict";
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type FolderFiles, writeFolder } from "../../../local/kubernetes/node/atomic-folder.ts";
import { type LogOptions, readLog } from "../../../local/kubernetes/node/container-log.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

describe("the files of a pod", () => {
  let scratch: TemporaryDirectory;
  beforeEach(() => {
    scratch = temporaryDirectory("node-files");
  });
  afterEach(() => {
    scratch.remove();
  });

  const files = (contents: Record<string, string>, mode = 0o640): FolderFiles =>
    new Map(
      Object.entries(contents).map(([path, text]) => [path, { content: Buffer.from(text), mode }]),
    );
  const shown = (folder: string) => readdirSync(folder).filter((name) => !name.startsWith(".."));

  it("of a volume are changed, added and removed together", async () => {
    const folder = join(scratch.path, "volume");
    await writeFolder(folder, files({ a: "1", "sub/b": "2" }));
    assert.equal(readFileSync(join(folder, "sub/b"), "utf8"), "2");
    assert.equal(statSync(join(folder, "a")).mode & 0o777, 0o640);
    await writeFolder(folder, files({ a: "3", c: "4" }));
    assert.deepEqual(shown(folder).sort(), ["a", "c"]);
    assert.equal(readFileSync(join(folder, "a"), "utf8"), "3");
    // What was there before is not left behind.
    assert.equal(readdirSync(folder).filter((name) => name.startsWith("..2")).length, 1);
  });

  it("of a volume are left alone where nothing changed", async () => {
    const folder = join(scratch.path, "volume");
    await writeFolder(folder, files({ a: "1" }));
    const before = readdirSync(folder);
    await writeFolder(folder, files({ a: "1" }));
    assert.deepEqual(readdirSync(folder), before);
  });

  const everything: LogOptions = {
    follow: false,
    timestamps: false,
    tailLines: undefined,
    since: undefined,
    limitBytes: undefined,
  };
  const line = (second: number, text: string, tag = "F") =>
    `2026-01-01T00:00:0${second}.000000000Z stdout ${tag} ${text}\n`;
  const read = async (file: string, options: Partial<LogOptions>) => {
    const signal = new AbortController().signal;
    const texts = readLog(file, { ...everything, ...options }, () => true, signal);
    return (await Array.fromAsync(texts)).join("");
  };

  it("of a log are shown in part, with times, and a long line as one", async () => {
    const file = join(scratch.path, "log");
    writeFileSync(file, line(1, "one") + line(2, "tw", "P") + line(2, "o") + line(3, "three"));
    assert.equal(await read(file, {}), "one\ntwo\nthree\n");
    assert.equal(await read(file, { tailLines: 1 }), "three\n");
    assert.equal(await read(file, { tailLines: 0 }), "");
    assert.equal(await read(file, { since: Date.parse("2026-01-01T00:00:03Z") }), "three\n");
    assert.equal(await read(file, { limitBytes: 5 }), "one\nt");
    assert.match(await read(file, { timestamps: true, tailLines: 1 }), /^2026\S+Z three\n$/);
    assert.equal(await read(join(scratch.path, "none"), {}), "");
  });

  it("of a log are followed into a new file, until the container has ended", async () => {
    const file = join(scratch.path, "log");
    writeFileSync(file, line(1, "one"));
    let over = false;
    const signal = new AbortController().signal;
    const texts = readLog(file, { ...everything, follow: true }, () => over, signal);
    const next = async (): Promise<unknown> => (await texts.next()).value;
    assert.equal(await next(), "one\n");
    const second = next();
    appendFileSync(file, line(2, "two"));
    assert.equal(await second, "two\n");
    const third = next();
    renameSync(file, `${file}.1`);
    writeFileSync(file, line(3, "three"));
    assert.equal(await third, "three\n");
    appendFileSync(file, line(4, "four"));
    over = true;
    assert.equal(await next(), "four\n");
    assert.equal(await next(), undefined);
  });

  it("of a log are shown to the last line where the pod is deleted while it is followed", async () => {
    const file = join(scratch.path, "log");
    writeFileSync(file, line(1, "one"));
    const signal = new AbortController().signal;
    const texts = readLog(file, { ...everything, follow: true }, () => false, signal);
    assert.equal((await texts.next()).value as unknown, "one\n");
    appendFileSync(file, line(2, "bye"));
    rmSync(file);
    assert.equal((await texts.next()).value as unknown, "bye\n");
    assert.equal((await texts.next()).done, true);
  });
});
