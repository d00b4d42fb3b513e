// What pages look like, against pictures in baselines/. UPDATE_BASELINES=1 takes new pictures.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks, type WatchedPage } from "./browser";

const kScreens: readonly (readonly [string, string])[] = [
  ["summary", "/dashboards/summary?release=2&range=last_month"],
  ["running-total", "/dashboards/running_total?release=2&range=last_month"],
  ["table", "/tables/daily_account_cost?release=2&filter=usage_date:eq:2025-01-03&filter=total_cost_usd:gt:200"],
  ["completeness", "/completeness?release=2"],
];
const kFolder = join(import.meta.dirname, "baselines");
const kOut = join(import.meta.dirname, "out");
const kShareMax = 0.004; // of all pixels
const kBytesMax = 200 * 1024;

/** Moments and durations differ from run to run. */
async function hideMoments(watched: WatchedPage): Promise<void> {
  await watched.page.evaluate(() => {
    for (const each of document.querySelectorAll<HTMLElement>("time")) each.style.visibility = "hidden";
  });
}

/** Sixteen shades of each colour: enough to see a change by, and a third of the bytes to keep. */
function packed(picture: Buffer): Buffer {
  const png = PNG.sync.read(picture);
  for (let at = 0; at < png.data.length; at += 1) {
    if (at % 4 !== 3) png.data[at] = (png.data[at] ?? 0) & 0xf0;
  }
  return PNG.sync.write(png, { deflateLevel: 9, colorType: 2 });
}

function difference(before: PNG, after: PNG): { share: number; picture: PNG } {
  const picture = new PNG({ width: before.width, height: before.height });
  const pixels = pixelmatch(before.data, after.data, picture.data, before.width, before.height, { threshold: 0.15 });
  return { share: pixels / (before.width * before.height), picture };
}

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.open(look);
  });
  afterAll(() => browser.close());

  it.each(kScreens)("%s looks as before", async (name, path) => {
    const watched = await browser.page();
    await watched.open(path);
    await hideMoments(watched);
    const taken = packed(await watched.page.screenshot({ clip: { x: 0, y: 0, width: look.width, height: 640 } }));
    await watched.page.close();
    const file = `${name}-${String(look.width)}-${look.theme}.png`;
    if (process.env["UPDATE_BASELINES"] === "1" || !existsSync(join(kFolder, file))) {
      expect(taken.length, `${file} is too large to keep`).toBeLessThan(kBytesMax);
      writeFileSync(join(kFolder, file), taken);
      expect(process.env["UPDATE_BASELINES"], `${file} was missing and has been taken; look at it`).toBe("1");
      return;
    }
    const [before, after] = [PNG.sync.read(readFileSync(join(kFolder, file))), PNG.sync.read(taken)];
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    const { share, picture } = difference(before, after);
    if (share > kShareMax) {
      mkdirSync(kOut, { recursive: true });
      writeFileSync(join(kOut, file), taken);
      writeFileSync(join(kOut, `difference-${file}`), PNG.sync.write(picture));
    }
    expect(share, `${file}: see e2e/out`).toBeLessThanOrEqual(kShareMax);
  });
});
