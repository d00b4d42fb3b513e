// Debian's Chromium, with what the product must not show: console errors and requests to elsewhere.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { inject } from "vitest";
import type { Site } from "./site";

export interface Look {
  readonly width: 1440 | 360;
  readonly theme: "light" | "dark";
}

export const kLooks: readonly Look[] = [
  { width: 1440, theme: "light" }, { width: 1440, theme: "dark" },
  { width: 360, theme: "light" }, { width: 360, theme: "dark" },
];

export class Browser {
  private constructor(private readonly context: BrowserContext, private readonly folder: string, private readonly base: string) {}

  /** `site` is the server it may speak to; default the one that all tests share. */
  static async open(look: Look = { width: 1440, theme: "light" }, how: { signedIn?: boolean; site?: Site } = {}): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), "bullion-chromium-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      headless: true,
      viewport: { width: look.width, height: look.width === 360 ? 740 : 900 },
      colorScheme: look.theme,
      reducedMotion: "reduce",
      locale: "en-GB",
      acceptDownloads: true,
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    const { base, cookie } = how.site ?? inject("site");
    if (how.signedIn !== false) await context.addCookies([{ ...cookie, url: base }]);
    return new Browser(context, folder, base);
  }

  async page(): Promise<WatchedPage> {
    return new WatchedPage(await this.context.newPage(), this.base);
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class WatchedPage {
  readonly complaints: string[] = [];

  constructor(readonly page: Page, private readonly base: string) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("dialog", (dialog) => {
      this.complaints.push(`a dialog opened: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const address = new URL(request.url());
      if (address.origin !== this.base && !["blob:", "data:"].includes(address.protocol)) this.complaints.push(`asked ${request.url()}`);
    });
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.base + path);
    await this.settled();
  }

  /** Until nothing loads any more and fonts and charts are drawn. */
  async settled(): Promise<void> {
    await this.page.locator("h1").first().waitFor();
    await this.page.waitForFunction(() => document.querySelector(".skeleton, [aria-busy=true]") === null);
    await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  async title(): Promise<string> {
    return (await this.page.locator("h1").first().textContent()) ?? "";
  }
}
