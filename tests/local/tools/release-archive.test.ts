import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { execaSync } from "execa";
import { LocalError } from "../../../local/errors.ts";
import { freePort } from "../../../local/ports.ts";
import {
  checksumOf,
  type ReleaseArchive,
  ReleaseUnreachable,
  unpackRelease,
} from "../../../local/tools/release-archive.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const archive = "tool-v1.tar.gz";
const checksums = "tool-1-checksums.txt";
const quiet = () => undefined;

describe("a release archive", () => {
  const scratch = temporaryDirectory("release");
  const files = new Map<string, Buffer>();
  let server: Server;
  let base: string;

  before(async () => {
    mkdirSync(join(scratch.path, "tool"));
    writeFileSync(join(scratch.path, "tool", "run"), "#!/bin/sh\necho hello\n", { mode: 0o755 });
    execaSync("tar", ["-czf", archive, "tool"], { cwd: scratch.path });
    server = createServer((request, response) => {
      const path = request.url ?? "";
      if (path.startsWith("/moved/")) {
        response.writeHead(302, { location: path.slice("/moved".length) }).end();
        return;
      }
      const file = files.get(path.slice(1));
      if (file === undefined) response.writeHead(404).end("no such file");
      else response.end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    scratch.remove();
  });
  beforeEach(() => {
    const content = readFileSync(join(scratch.path, archive));
    const sum = createHash("sha256").update(content).digest("hex");
    files.clear();
    files.set(archive, content);
    files.set(checksums, Buffer.from(`${"0".repeat(64)}  other.tar.gz\n${sum}  ${archive}\n`));
  });

  const unpack = async (bases: readonly string[]): Promise<string> => {
    const directory = mkdtempSync(join(scratch.path, "out-"));
    const release: ReleaseArchive = { bases, archive, checksums };
    await unpackRelease(release, directory, quiet);
    return directory;
  };

  it("is unpacked without its top folder when its checksum is the published one", async () => {
    const directory = await unpack([base]);
    assert.equal(execaSync(join(directory, "run")).stdout, "hello");
    assert.equal(existsSync(join(directory, archive)), false);
  });

  it("is followed to where its host keeps it", async () => {
    assert.ok(existsSync(join(await unpack([`${base}/moved`]), "run")));
  });

  it("is refused when its checksum is another, and nothing is unpacked", async () => {
    files.set(
      archive,
      Buffer.concat([readFileSync(join(scratch.path, archive)), Buffer.from("x")]),
    );
    const directory = mkdtempSync(join(scratch.path, "out-"));
    await assert.rejects(
      unpackRelease({ bases: [base], archive, checksums }, directory, quiet),
      (error: LocalError) => error instanceof LocalError && error.message.includes("SHA-256"),
    );
    assert.equal(existsSync(join(directory, "run")), false);
  });

  it("is not looked for elsewhere once a host served a wrong one", async () => {
    const good = readFileSync(join(scratch.path, archive));
    files.set(`second/${archive}`, good);
    files.set(`second/${checksums}`, files.get(checksums) ?? Buffer.alloc(0));
    files.set(archive, Buffer.from("not an archive"));
    await assert.rejects(unpack([base, `${base}/second`]), LocalError);
  });

  it("is taken from the second host when the first is not reached", async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    assert.ok(existsSync(join(await unpack([closed, base]), "run")));
  });

  it("counts as unreachable when no host answers, and every reason is named", async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    await assert.rejects(unpack([closed, `${base}/nowhere`]), (error: Error) => {
      assert.ok(error instanceof ReleaseUnreachable);
      assert.match(error.message, /ECONNREFUSED/);
      assert.match(error.message, /HTTP 404/);
      return true;
    });
  });

  it("counts as unreachable when a connection is taken and nothing ever said", async function () {
    this.timeout(30_000);
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    try {
      for (const scheme of ["http", "https"]) {
        await assert.rejects(unpack([`${scheme}://127.0.0.1:${port}`]), ReleaseUnreachable);
      }
    } finally {
      silent.close();
    }
  });

  it("counts as unreachable when a host answers the checksums with a page of its own", async () => {
    files.set(checksums, Buffer.from("<html>Please log in</html>"));
    await assert.rejects(unpack([base]), ReleaseUnreachable);
  });
});

describe("a file of checksums", () => {
  const sum = "ab".repeat(32);

  it("gives the checksum of the file that is named, and of no other", () => {
    const listed = `${sum}  tool.tar.gz\n${"cd".repeat(32)}  tool.tar.gz.sig\n`;
    assert.equal(checksumOf("tool.tar.gz", listed), sum);
    assert.equal(checksumOf("ool.tar.gz", listed), undefined);
    assert.equal(checksumOf("tool", listed), undefined);
  });

  it("is read with Windows line ends and the binary mark of sha256sum", () => {
    assert.equal(checksumOf("tool.zip", `${sum} *tool.zip\r\n`), sum);
  });

  it("gives nothing for a line that is not a SHA-256", () => {
    assert.equal(checksumOf("tool.zip", `${sum.slice(1)}  tool.zip\n`), undefined);
  });
});
