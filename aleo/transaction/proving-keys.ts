import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import { AleoError } from "../errors.ts";
import type { ProvingKey, VerifyingKey } from "@provablehq/sdk/testnet.js";
import type { Sdk } from "./sdk.ts";

export class ProvingKeyError extends AleoError {}

type KeyPair = readonly [ProvingKey, VerifyingKey];

/** Proving keys of the public fee, downloaded once from Provable's parameter host and kept on disk. */
export class ProvingKeys {
  readonly #directory: string;
  readonly #baseUrl: string | undefined;

  /** @param baseUrl another host with the same files, instead of the one that the SDK names */
  constructor(directory: string, baseUrl?: string) {
    this.#directory = directory;
    this.#baseUrl = baseUrl;
  }

  /** @throws ProvingKeyError where the key can't be had or is not the key of `credits.aleo/fee_public` */
  async publicFee(sdk: Sdk): Promise<KeyPair> {
    const location = sdk.CREDITS_PROGRAM_KEYS.fee_public;
    const url =
      this.#baseUrl === undefined
        ? location.prover
        : `${this.#baseUrl}/${basename(new URL(location.prover).pathname)}`;
    const path = join(this.#directory, basename(new URL(url).pathname));
    const bytes = await readFile(path).catch(() => this.#download(url, path));
    let key: ProvingKey;
    try {
      key = sdk.ProvingKey.fromBytes(bytes);
      if (!key.isFeePublicProver()) throw new Error("its checksum is another one");
    } catch (cause) {
      await rm(path, { force: true });
      throw new ProvingKeyError(`${url} is not the proving key of the public fee.`, {
        remedy:
          "It was deleted from the cache: run again. If it stays, the host serves wrong files.",
        cause,
      });
    }
    return [key, location.verifyingKey()];
  }

  async #download(url: string, path: string): Promise<Buffer> {
    const aside = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(this.#directory, { recursive: true });
      const { statusCode, body } = await request(url, {
        headersTimeout: 30_000,
        bodyTimeout: 30_000,
      });
      if (statusCode !== 200) {
        await body.dump();
        throw new Error(`the host answered ${statusCode}`);
      }
      await pipeline(body, createWriteStream(aside));
      await rename(aside, path);
      return await readFile(path);
    } catch (cause) {
      await rm(aside, { force: true });
      throw new ProvingKeyError(
        `The proving key of the public fee can't be downloaded from ${url}: ${cause instanceof Error ? cause.message : String(cause)}.`,
        {
          remedy: "Check that this machine reaches that host, then run again. Nothing was sent.",
          cause,
        },
      );
    }
  }
}
