import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { MonitorSettingError } from "../../monitor/errors.ts";
import { createLog, type Logger, told } from "../../monitor/log.ts";
import { redactor, secretsOf } from "../../monitor/redact.ts";
import { logOptions } from "../../monitor/settings.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** Standard output, or a terminal, whose text is kept. */
function output(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  let text = "";
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream,
    text: () => text,
  };
}

const key = `APrivateKey1${"z".repeat(47)}`;
const environment = {
  ALEO_PRIVATE_KEY: key,
  PAGERDUTY_KEY_HIGH: "c0ffee00c0ffee00c0ffee00c0ffee00",
  ALERT_WEBHOOK: "https://hooks.slack.com/services/T0/B0/a1b2c3d4",
  ALERT_WEBHOOK_URL: "https://receiver.example.org/in/8f9e7d6c?token=t0ken-t0ken",
  ALERT_WEBHOOK_SECRET: 'a "quoted" \\ secret',
  SMTP_URL: "smtps://ops:mail%21word%21@mail.example.org",
  AWS_SECRET_ACCESS_KEY: "aws/secret+access/key",
  ALEO_NODE_URL: "https://api.example.org/v2",
};
const secrets = [
  ...[key, environment.PAGERDUTY_KEY_HIGH, "a1b2c3d4", "8f9e7d6c", "t0ken-t0ken"],
  ...["quoted", "mail%21word%21", "mail!word!", "aws/secret+access/key"],
];

/** Whatever could carry a secret into a log line. */
function saySecrets(log: Logger): void {
  for (const [name, value] of Object.entries(environment)) {
    log.info({ name, deep: { er: [value] } }, `with ${value}`);
    log.error(told(new Error(`no answer from ${value}`)), "failed");
  }
  log.warn("POST /in/8f9e7d6c?token=t0ken-t0ken failed for mail!word!");
  log.warn("sent Authorization: Bearer abcdef0123456789 to https://me:word@example.org/");
}

describe("The monitor's log", () => {
  const scratch = temporaryDirectory("log");
  after(() => {
    scratch.remove();
  });
  const fileOf = (name: string) => join(scratch.path, name, "logs", "aleo_monitor.log");

  it("is JSON lines, and readable ones on a terminal", async () => {
    const plain = output(false);
    (await createLog({ secrets: [] }, plain.stream)).info({ height: 7 }, "Blocks were read");
    const { time, ...line } = JSON.parse(plain.text()) as Record<string, unknown>;
    assert.deepEqual(line, { level: "info", height: 7, msg: "Blocks were read" });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
    const terminal = output(true);
    (await createLog({ secrets: [] }, terminal.stream)).info({ height: 7 }, "Blocks were read");
    assert.match(terminal.text(), /INFO.*Blocks were read/);
  });

  it("shows no secret of its environment, on no way", async () => {
    const { secrets: known } = logOptions(environment);
    for (const isTTY of [false, true]) {
      const file = fileOf(`secrets-${String(isTTY)}`);
      const shown = output(isTTY);
      saySecrets(await createLog({ file, secrets: known }, shown.stream));
      for (const text of [shown.text(), readFileSync(file, "utf8")]) {
        for (const secret of [...secrets, "abcdef0123456789", "me:word"]) {
          assert.ok(!text.includes(secret), `${secret} is shown`);
        }
        assert.match(text, /api\.example\.org\/v2/, "what is no secret stays");
      }
      for (const line of readFileSync(file, "utf8").trim().split("\n")) JSON.parse(line);
    }
  });

  it("knows tokens and keys by their form where no variable names them", () => {
    const blot = redactor(secretsOf({}));
    assert.equal(
      blot("https://hooks.slack.com/services/T0/B0/xyz"),
      "https://hooks.slack.com/services/[secret]",
    );
    assert.equal(blot(`key ${key}.`), "key [key].");
    assert.equal(blot("smtp://a:b@mail.example.org:25/"), "smtp://[secret]@mail.example.org:25/");
    const harmless = "GET https://api.example.org/v2/testnet/block/1 by aleo-ops@1.0";
    assert.equal(blot(harmless), harmless);
  });

  it("goes into a file besides, whose name stays while it is changed for another at 20 MB", async () => {
    const file = fileOf("rolled");
    const shown = output(false);
    const log = await createLog({ file, secrets: [] }, shown.stream);
    log.info("first");
    assert.equal(readFileSync(file, "utf8"), shown.text());
    const day = new Date();
    const first = readlinkSync(file);
    assert.match(
      first,
      new RegExp(`^aleo_monitor\\.${day.getFullYear()}-\\d\\d-\\d\\d\\.1\\.log$`),
    );
    const text = "x".repeat(1_000_000);
    for (let line = 0; line < 21; line += 1) log.info(text);
    while (readlinkSync(file) === first) await new Promise((resolve) => setTimeout(resolve, 50));
    log.info("last");
    assert.equal(readlinkSync(file), first.replace(".1.log", ".2.log"));
    assert.match(readFileSync(file, "utf8"), /"last"/);
    const written = readdirSync(join(file, ".."))
      .filter((name) => /\.\d\.log$/.test(name))
      .map((name) => readFileSync(join(file, "..", name), "utf8"))
      .join("");
    assert.equal(written.split("\n").length, 24, "no line is lost");
  });

  it("keeps a fortnight of files and takes away the older ones", async () => {
    const file = fileOf("old");
    const folder = join(file, "..");
    mkdirSync(folder, { recursive: true });
    const days = Array.from({ length: 20 }, (_, day) => String(day + 1).padStart(2, "0"));
    for (const day of days) writeFileSync(join(folder, `aleo_monitor.2020-01-${day}.1.log`), "");
    writeFileSync(join(folder, "other.2020-01-01.1.log"), "not ours");
    const log = await createLog({ file, secrets: [] }, output(false).stream);
    const text = "x".repeat(1_000_000);
    for (let line = 0; line < 21; line += 1) log.info(text);
    const kept = () => readdirSync(folder).filter((name) => /^aleo_monitor\..*\d\.log$/.test(name));
    const begun = Date.now();
    while (kept().length > 14 && Date.now() - begun < 5_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(kept().length, 14);
    assert.ok(!kept().includes("aleo_monitor.2020-01-08.1.log"));
    assert.ok(kept().includes("aleo_monitor.2020-01-20.1.log"));
    assert.ok(readdirSync(folder).includes("other.2020-01-01.1.log"));
    assert.ok(readdirSync(folder).includes("aleo_monitor.log"));
  });

  it("goes on in the same file after a restart on the same day", async () => {
    const file = fileOf("restarted");
    for (const word of ["one", "two"]) {
      (await createLog({ file, secrets: [] }, output(false).stream)).info(word);
    }
    assert.match(readFileSync(file, "utf8"), /one.*\n.*two/);
  });

  it("refuses a file that it can't write, or that is not its own", async () => {
    const taken = join(scratch.path, "taken.log");
    writeFileSync(taken, "something else\n");
    const cases: [string, RegExp][] = [
      [taken, /taken\.log is there already/],
      [join(taken, "deeper.log"), /deeper\.log can't be written: .*ENOTDIR/],
    ];
    for (const [file, message] of cases) {
      await assert.rejects(
        createLog({ file, secrets: [] }, output(false).stream),
        (error: unknown) =>
          error instanceof MonitorSettingError &&
          message.test(error.message) &&
          error.remedy.includes("MONITOR_LOG_FILE"),
        file,
      );
    }
    assert.equal(readFileSync(taken, "utf8"), "something else\n");
  });
});
