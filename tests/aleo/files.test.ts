import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "../../aleo/cache-directory.ts";
import { FileError } from "../../aleo/file-error.ts";
import {
  createWhole,
  errnoOf,
  FileTakenError,
  isMissing,
  readIfThere,
  writeWhole,
} from "../../aleo/files.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("files", () => {
  let scratch: ReturnType<typeof temporaryDirectory>;
  const at = (...names: string[]) => join(scratch.path, ...names);

  beforeEach(() => {
    scratch = temporaryDirectory("files");
  });
  afterEach(() => {
    scratch.remove();
  });

  it("are read where they are there; what is there and can't be read is an error", async () => {
    assert.equal(await readIfThere(at("none")), undefined);
    assert.equal(await readIfThere(at("none", "file")), undefined);
    writeFileSync(at("empty"), "");
    assert.equal(await readIfThere(at("empty")), "");
    await assert.rejects(readIfThere(scratch.path), FileError);
    await assert.rejects(readIfThere(at("empty", "file")), FileError);
  });

  it("are put in place over what was there, and leave nothing else behind", async () => {
    await writeWhole(at("one"), "first");
    await writeWhole(at("one"), "second");
    assert.equal(readFileSync(at("one"), "utf8"), "second");
    assert.deepEqual(readdirSync(scratch.path), ["one"]);
  });

  it("are replaced, never written into: who has the old one open reads all of it", async () => {
    await writeWhole(at("one"), "first");
    const { ino } = statSync(at("one"));
    await writeWhole(at("one"), "second");
    assert.notEqual(statSync(at("one")).ino, ino);
  });

  it("are their owner's alone, with the folders that were missing, unless said otherwise", async () => {
    await writeWhole(at("a", "b", "secret"), "text");
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    assert.equal(modeOf(at("a", "b", "secret")), 0o600);
    assert.equal(modeOf(at("a")), 0o700);
    assert.equal(modeOf(at("a", "b")), 0o700);
    await writeWhole(at("fixed"), "text", { mode: 0o400 });
    assert.equal(modeOf(at("fixed")), 0o400);
  });

  it("are created once: the second is refused and what is there stays", async () => {
    await createWhole(at("a", "key"), "first");
    await assert.rejects(createWhole(at("a", "key"), "second"), FileTakenError);
    assert.equal(readFileSync(at("a", "key"), "utf8"), "first");
    assert.deepEqual(readdirSync(at("a")), ["key"]);
    symlinkSync(at("nowhere"), at("link"));
    await assert.rejects(createWhole(at("link"), "text"), FileTakenError);
  });

  it("are created by one of many at once", async () => {
    const tries = Array.from({ length: 20 }, (_, one) => createWhole(at("key"), String(one)));
    const done = await Promise.allSettled(tries);
    assert.equal(done.filter(({ status }) => status === "fulfilled").length, 1);
    assert.deepEqual(readdirSync(scratch.path), ["key"]);
  });

  it("say what refused them, and leave nothing behind", async () => {
    writeFileSync(at("file"), "");
    const refused = await caught(writeWhole(at("file", "one"), "text"));
    assert.ok(!(refused instanceof FileTakenError));
    assert.ok(errnoOf(refused) === "ENOTDIR" || errnoOf(refused) === "EEXIST");
    mkdirSync(at("folder"));
    await assert.rejects(writeWhole(at("folder"), "text"), FileError);
    assert.deepEqual(readdirSync(scratch.path).sort(), ["file", "folder"]);
    if (process.getuid?.() === 0) return;
    chmodSync(at("folder"), 0o500);
    await assert.rejects(writeWhole(at("folder", "one"), "text"), FileError);
  });

  it("tell what is missing from what is refused", async () => {
    assert.ok(isMissing(Object.assign(new Error("gone"), { code: "ENOENT" })));
    assert.ok(!isMissing(Object.assign(new Error("denied"), { code: "EACCES" })));
    assert.ok(!isMissing("ENOENT"));
    assert.equal(errnoOf(await caught(readIfThere(scratch.path))), "EISDIR");
  });
});

describe("the cache's folder", () => {
  it("is the user's own where XDG_CACHE_HOME names none that counts", () => {
    const own = join(homedir(), ".cache", "aleo-ops");
    assert.equal(cacheDirectory({}), own);
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: "" }), own);
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: "cache" }), own);
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: "/a/b" }), "/a/b/aleo-ops");
  });
});

async function caught(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was refused");
}
