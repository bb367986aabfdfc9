import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { LocalError } from "../../../local/errors.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { ensureChromium } from "../../../local/tools/chromium.ts";

/** Where screenshots are kept, for people to look at. */
const artifacts = join(projectDirectory, "test-artifacts", "dashboard");

/**
 * A browser for the tests of one `describe`: call it in its body. Where none can be had its tests
 * are left out, with the reason; not so on CI, where a browser is expected.
 */
export function scratchBrowser(): { readonly get: () => Browser } {
  let browser: Browser | undefined;
  before(async function () {
    this.timeout(300_000);
    try {
      const { executablePath, args, env } = await ensureChromium(() => undefined);
      browser = await chromium.launch({
        executablePath,
        args: [...args],
        env: { ...process.env, ...env },
      });
    } catch (error) {
      if (!(error instanceof LocalError) || process.env.CI !== undefined) throw error;
      console.log(`  left out: ${error.explain()}`);
      this.skip();
    }
  });
  after(() => browser?.close());
  return {
    get: () => {
      if (browser === undefined) throw new Error("the browser is not there yet");
      return browser;
    },
  };
}

export interface Visit {
  readonly page: Page;
  /** What the browser complained of, and requests to other hosts. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

/** A page in a context of its own; it complains where a request would leave the site. */
export async function visit(
  browser: Browser,
  site: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ baseURL: site, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== site) complaints.push(`asked ${request.url()}`);
  });
  return { page, complaints, close: () => context.close() };
}

export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
}
