import assert from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import fc from "fast-check";
import { PrivateKey, PrivateKeyError, redact } from "../../aleo/keys.ts";
import { developmentKey } from "../../local/development-account.ts";

function printed(print: (console: Console) => void): string {
  let text = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  print(new Console(stream, stream));
  return text;
}

const base58 = Array.from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
const base58Text = (length: number) =>
  fc.string({ unit: fc.constantFrom(...base58), minLength: length, maxLength: length });

describe("a private key", () => {
  const key = new PrivateKey(` ${developmentKey}\n`, "ALEO_PRIVATE_KEY");

  it("is given to the code that signs, without white space around it", () => {
    assert.equal(key.reveal(), developmentKey);
  });

  it("does not show itself, however it is printed", () => {
    const holder = { key, deep: [{ key }] };
    const shown = [
      printed((console) => {
        console.log(key, holder, String(key));
        console.error("%s %o %O %j", key, key, key, key);
        console.table([{ key }]);
        console.dir(key, { showHidden: true });
        console.dir(holder, { depth: null, showHidden: true });
      }),
      JSON.stringify(holder),
      inspect(key, { showHidden: true, customInspect: false, getters: true }),
      inspect(holder, { depth: null, showHidden: true }),
      format("%s %d %i %f %j %o %O", key, key, key, key, key, key, key),
      `${key.toString()}${String(Object.entries(key))}`,
      JSON.stringify(Object.assign({}, key)),
      inspect(new Error("failed", { cause: key }), { showHidden: true }),
    ].join("\n");
    assert.ok(!shown.includes(developmentKey.slice(12, 24)), shown);
    assert.match(shown, /\[private key\]/);
  });

  it("is refused in a wrong form, by an error that does not repeat it", () => {
    const wrong = fc.oneof(
      fc.string(),
      base58Text(47).map((rest) => `APrivateKey2${rest}`),
      base58Text(46).map((rest) => `APrivateKey1${rest}`),
      base58Text(48).map((rest) => `APrivateKey1${rest}`),
      base58Text(46).map((rest) => `APrivateKey1${rest}0`),
      base58Text(47).map((rest) => `aprivatekey1${rest}`),
      base58Text(46).map((rest) => `APrivateKey1${rest.slice(0, 20)} ${rest.slice(20)}`),
    );
    fc.assert(
      fc.property(wrong, (text) => {
        assert.throws(
          () => new PrivateKey(text, "the stack's privateKey"),
          (error) => {
            assert.ok(error instanceof PrivateKeyError);
            assert.match(error.message, /the stack's privateKey/);
            const secret = text.trim().slice(12);
            assert.ok(secret.length < 8 || !inspect(error).includes(secret));
            return true;
          },
        );
      }),
    );
  });

  it("is taken in its right form", () => {
    fc.assert(
      fc.property(base58Text(47), (rest) => {
        assert.equal(new PrivateKey(`APrivateKey1${rest}`, "x").reveal(), `APrivateKey1${rest}`);
      }),
    );
  });
});

describe("redacting", () => {
  it("blots out private and view keys, wherever they stand, and leaves the rest", () => {
    const notKey = fc.string().filter((text) => !text.includes("Key1"));
    const secret = fc
      .tuple(fc.constantFrom("APrivateKey1", "AViewKey1"), base58Text(47))
      .map(([prefix, rest]) => prefix + rest);
    fc.assert(
      fc.property(notKey, secret, (text, key) => {
        const around = `${text} "${key}" and (${key})`;
        assert.equal(redact(around), `${text} "[key]" and ([key])`);
      }),
    );
  });

  it("blots out what is left of a key that was cut", () => {
    assert.equal(redact(`key ${developmentKey.slice(0, 30)}`), "key [key]");
  });

  it("leaves addresses and transaction ids", () => {
    const text = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px sent at1xyz";
    assert.equal(redact(text), text);
  });
});
