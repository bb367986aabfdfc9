import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Notice } from "../../../monitor/alert/notices.ts";
import { Deliverer } from "../../../monitor/deliver/deliverer.ts";
import type { Outcome, Route } from "../../../monitor/deliver/route.ts";
import { MonitorSettingError } from "../../../monitor/errors.ts";
import { routesOf } from "../../../monitor/settings.ts";
import { Store } from "../../../monitor/store/store.ts";
import { testAlert } from "../../../operations/alerts/alerts.ts";
import { alertReceiver } from "../support/receiver.ts";

const notice = (action: Notice["action"] = "trigger", more: Partial<Notice> = {}): Notice => ({
  ...{ action, dedupKey: "one", network: "local", rule: "paused", severity: "critical" },
  ...{ subject: "notes.aleo", summary: "notes.aleo is <paused> & still", value: "1", height: 7 },
  time: "2026-01-01T00:00:00.000Z",
  runbook: "https://example.org/runbook",
  test: false,
  ...more,
});

/** A mail as it went over the wire. */
interface Mail {
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
}

function closed(server: SMTPServer | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    else server.close(resolve);
  });
}

describe("The route by e-mail", function () {
  this.timeout(30_000);
  const receiver = alertReceiver();
  const mails: Mail[] = [];
  /** What a recipient is answered, by what stands before the @; 0: the connection ends. */
  const answers = new Map<string, number[]>();
  const servers: SMTPServer[] = [];

  const listen = async (options: SMTPServerOptions): Promise<number> => {
    const server = new SMTPServer({
      authOptional: true,
      onAuth: ({ username, password }, _, done) => {
        const isRight = username === "ops" && password === "right-word";
        if (isRight) done(null, { user: username });
        else done(Object.assign(new Error("wrong password"), { responseCode: 535 }));
      },
      onRcptTo: ({ address }, _, done) => {
        const code = answers.get(address.split("@")[0] ?? "")?.shift();
        if (code === undefined) done();
        else done(Object.assign(new Error("not this time"), { responseCode: code }));
      },
      onData: (stream, { envelope, secure }, done) => {
        text(stream).then((raw) => {
          mails.push({ to: envelope.rcptTo.map(({ address }) => address), raw, secure });
          done();
        }, done);
      },
      ...options,
    });
    // A client that refuses a certificate is an error of its connection.
    server.on("error", () => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.server.address() as AddressInfo).port;
  };

  let plain = 0;
  let upgradable = 0;
  let secure = 0;
  before(async () => {
    plain = await listen({ hideSTARTTLS: true, allowInsecureAuth: true });
    upgradable = await listen({});
    secure = await listen({ secure: true });
  });
  after(async () => {
    await Promise.all(servers.map(closed));
  });
  beforeEach(() => {
    mails.length = 0;
    answers.clear();
  });

  const routeTo = (url: string, to = "ops@example.org, lead@example.org"): Route => {
    const [route] = routesOf(
      { SMTP_URL: url, ALERT_MAIL_FROM: "monitor@example.org", ALERT_MAIL_TO: to },
      () => 0,
    );
    assert.ok(route);
    return route;
  };
  const onPlain = (to?: string) => routeTo(`smtp://127.0.0.1:${plain}`, to);
  const headerOf = ({ raw }: Mail, name: string) =>
    new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, "im")
      .exec(raw.split("\r\n\r\n")[0] ?? "")?.[1]
      ?.replace(/\r\n/g, "");
  const onlyMail = () => {
    const [mail, ...others] = mails;
    assert.ok(mail);
    assert.equal(others.length, 0);
    return mail;
  };

  it("shows what there is to read besides under it, as it stands", async () => {
    const details = "✔ endpoint  height 7\n✖ notes.aleo  <missing>";
    assert.deepEqual(await onPlain().send(notice("trigger", { details })), { kind: "sent" });
    const { raw } = onlyMail();
    const plain = raw.replaceAll("=\r\n", "");
    assert.match(plain, /=E2=9C=94 endpoint {2}height 7\r\n=E2=9C=96 notes\.aleo {2}<missing>/);
    assert.match(plain, /<pre>.*notes\.aleo {2}&lt;missing&gt;<\/pre>/s);
  });

  it("sends text and HTML to all of ALERT_MAIL_TO, with nothing that could be taken for markup", async () => {
    assert.deepEqual(await onPlain().send(notice()), { kind: "sent" });
    const mail = onlyMail();
    assert.deepEqual(mail.to, ["ops@example.org", "lead@example.org"]);
    assert.equal(headerOf(mail, "From"), "monitor@example.org");
    assert.equal(
      headerOf(mail, "Subject"),
      "[aleo-ops local] critical: notes.aleo is <paused> & still",
    );
    assert.equal(headerOf(mail, "Auto-Submitted"), "auto-generated");
    assert.equal(headerOf(mail, "X-Priority"), "1 (Highest)");
    assert.match(mail.raw, /multipart\/alternative/);
    assert.match(mail.raw, /^What to do: https:\/\/example\.org\/runbook\r$/m);
    const html = mail.raw.split("text/html")[1]?.replaceAll("=\r\n", "") ?? "";
    assert.match(html, /notes\.aleo is &lt;paused&gt; &amp; still/);
    assert.doesNotMatch(html, /<paused>/);
  });

  it("makes one thread of an incident, and gives a mail that is sent again the same id", async () => {
    const route = onPlain();
    const first = notice();
    await route.send(first);
    await route.send(notice("acknowledge"));
    await route.send(notice("resolve"));
    await route.send(first);
    await route.send(notice("trigger", { dedupKey: "two" }));
    const [trigger, acknowledge, resolve, again, other] = mails;
    assert.ok(trigger && acknowledge && resolve && again && other);
    const id = headerOf(trigger, "Message-ID");
    assert.match(id ?? "", /^<[0-9a-f]{32}\.trigger@example\.org>$/);
    for (const reply of [acknowledge, resolve]) {
      assert.equal(headerOf(reply, "In-Reply-To"), id);
      assert.equal(headerOf(reply, "References"), id);
      assert.equal(headerOf(reply, "Subject"), `Re: ${headerOf(trigger, "Subject") ?? ""}`);
    }
    assert.match(resolve.raw, /^Resolved: notes\.aleo/m);
    assert.equal(headerOf(again, "Message-ID"), id);
    assert.equal(new Set(mails.map((mail) => headerOf(mail, "Message-ID"))).size, 4);
    assert.notEqual(headerOf(other, "Message-ID"), id);
  });

  it("marks a test, and lets no line of an alert become a header", async () => {
    await onPlain().send(notice("trigger", { test: true }));
    assert.match(headerOf(onlyMail(), "Subject") ?? "", /TEST, nothing is wrong/);
    mails.length = 0;
    await onPlain().send(notice("trigger", { summary: "x\r\nBcc: stranger@example.org" }));
    assert.deepEqual(onlyMail().to, ["ops@example.org", "lead@example.org"]);
    assert.equal(headerOf(onlyMail(), "Bcc"), undefined);
  });

  it("uses TLS from the start (smtps) or once the server offers it, and trusts no certificate blindly", async () => {
    const trusting = "?tls.rejectUnauthorized=false";
    assert.deepEqual(await routeTo(`smtps://127.0.0.1:${secure}${trusting}`).send(notice()), {
      kind: "sent",
    });
    assert.deepEqual(
      await routeTo(`smtp://ops:right-word@127.0.0.1:${upgradable}${trusting}`).send(notice()),
      { kind: "sent" },
    );
    assert.deepEqual(
      mails.map((mail) => mail.secure),
      [true, true],
    );
    for (const url of [`smtps://127.0.0.1:${secure}`, `smtp://127.0.0.1:${upgradable}`]) {
      const outcome = await routeTo(url).send(notice());
      assert.equal(outcome.kind, "failed");
      assert.match("problem" in outcome ? outcome.problem : "", /can't be used/);
    }
    assert.equal(mails.length, 2);
  });

  it("never sends a password in the clear over a network", async () => {
    const seen: string[] = [];
    const port = await listen({
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      onAuth: ({ password }, _, done) => {
        seen.push(String(password));
        done(null, { user: "ops" });
      },
    });
    // The address of this machine in a form that is not recognised as such.
    const outcome = await routeTo(`smtp://ops:right-word@[::ffff:127.0.0.1]:${port}`).send(
      notice(),
    );
    assert.equal(outcome.kind, "failed");
    assert.deepEqual(seen, []);
    assert.ok(!JSON.stringify(outcome).includes("right-word"));
  });

  it("tries again what is refused for now, and puts aside what is refused for good", async () => {
    const store = Store.open(":memory:", "local");
    let now = 0;
    const outcomes: Outcome[] = [];
    const sending = new Deliverer({
      ...{ outbox: store.outbox, routes: [], now: () => now },
      told: (_, outcome) => outcomes.push(outcome),
      failed: (error) => {
        throw error;
      },
    });
    const deliver = async (route: Route, entry: Notice) => {
      outcomes.length = 0;
      store.outbox.add("mail", entry, now);
      while (store.outbox.next("mail") !== undefined) now += await sending.turn(route);
      return outcomes.map(({ kind }) => kind);
    };
    try {
      answers.set("ops", [451, 421]);
      assert.deepEqual(await deliver(onPlain("ops@example.org"), notice()), [
        "failed",
        "failed",
        "sent",
      ]);
      assert.equal(mails.length, 1);
      assert.ok(now >= 3_000, "it waits longer each time");
      answers.set("ops", [550]);
      assert.deepEqual(await deliver(onPlain("ops@example.org"), notice()), ["refused"]);
      assert.deepEqual(outcomes, [{ kind: "refused", problem: "SMTP 550 not this time" }]);
    } finally {
      store.close();
    }
  });

  it("tells when only some of the mailboxes took it", async () => {
    answers.set("lead", [550]);
    assert.deepEqual(await onPlain().send(notice()), {
      kind: "refused",
      problem: "1 of 2 mailboxes did not take it: SMTP 550 not this time",
    });
    assert.deepEqual(onlyMail().to, ["ops@example.org"]);
    answers.set("lead", [450]);
    assert.equal((await onPlain().send(notice())).kind, "failed");
    assert.equal((await onPlain().send(notice())).kind, "sent");
  });

  it("loses nothing to a server that is away, or to a wrong password", async () => {
    const gone = await listen({});
    await closed(servers.at(-1));
    assert.deepEqual(await routeTo(`smtp://127.0.0.1:${gone}`).send(notice()), {
      kind: "failed",
      problem: "the mail server can't be used (ESOCKET)",
    });
    const wrong = await routeTo(`smtp://ops:wrong-word@127.0.0.1:${plain}`).send(notice());
    assert.equal(wrong.kind, "failed");
    assert.ok(!JSON.stringify(wrong).includes("wrong-word"));
  });

  it("is one of the routes that `alerts test` tries, and all of them take a test", async () => {
    const environment = {
      PAGERDUTY_KEY_HIGH: "key-h",
      PAGERDUTY_EVENTS_URL: receiver.url,
      ALERT_WEBHOOK: receiver.url,
      ALERT_WEBHOOK_URL: receiver.url,
      ALERT_WEBHOOK_SECRET: "0123456789abcdef",
      SMTP_URL: `smtp://127.0.0.1:${plain}`,
      ALERT_MAIL_FROM: "monitor@example.org",
      ALERT_MAIL_TO: "ops@example.org",
    };
    const { code, document } = await testAlert("local", environment, "paused");
    assert.equal(code, 0);
    assert.deepEqual(
      (document as { route: string; action: string; outcome: string }[]).map(
        ({ route, action, outcome }) => `${route} ${action} ${outcome}`,
      ),
      ["pagerduty", "slack", "webhook", "mail"].flatMap((route) => [
        `${route} trigger sent`,
        `${route} resolve sent`,
      ]),
    );
    assert.equal(receiver.received.length, 6);
    assert.equal(mails.length, 2);
    for (const text of [
      ...receiver.received.map(({ body }) => body),
      ...mails.map(({ raw }) => raw),
    ]) {
      assert.match(text, /TEST, nothing is wrong|"test":true|"event_action":"resolve"/);
    }
    answers.set("ops", [550]);
    assert.equal((await testAlert("local", environment, "paused")).code, 1);
  });

  it("refuses settings that can't work, and shows no secret", () => {
    const right = {
      SMTP_URL: "smtp://ops:right-word@mail.example.org",
      ALERT_MAIL_FROM: "monitor@example.org",
      ALERT_MAIL_TO: "ops@example.org",
    };
    const cases: [Partial<typeof right>, RegExp][] = [
      [{ SMTP_URL: "mail.example.org:right-word" }, /^SMTP_URL is not an smtp or smtps URL/],
      [{ ALERT_MAIL_FROM: "" }, /ALERT_MAIL_FROM is not\.$/],
      [{ ALERT_MAIL_TO: "" }, /ALERT_MAIL_TO is not\.$/],
      [{ ALERT_MAIL_TO: "ops@example.org, lead" }, /ALERT_MAIL_TO is no list of addresses/],
      [{ ALERT_MAIL_TO: "ops@example.org\r\nx" }, /ALERT_MAIL_TO is no list of addresses/],
    ];
    for (const [wrong, message] of cases) {
      assert.throws(
        () => routesOf({ ...right, ...wrong }, () => 0),
        (error: unknown) =>
          error instanceof MonitorSettingError &&
          message.test(error.message) &&
          !error.explain().includes("right-word"),
        String(message),
      );
    }
    assert.equal(routesOf(right, () => 0).length, 1);
  });
});
