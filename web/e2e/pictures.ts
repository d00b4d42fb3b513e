// What a page looks like, against a picture in baselines/. UPDATE_BASELINES=1 takes new pictures.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { expect } from "vitest";
import type { Look, WatchedPage } from "./browser";

const kFolder = join(import.meta.dirname, "baselines");
const kOut = join(import.meta.dirname, "out");
const kShareMax = 0.004; // of all pixels
const kBytesMax = 200 * 1024;
const kHeight = 640;

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

/** The top of the page that is open, or what begins with `panel`. */
export async function looksAsBefore(watched: WatchedPage, look: Look, name: string, panel?: string): Promise<void> {
  await hideMoments(watched);
  const box = panel === undefined ? null : await watched.page.locator(`section.panel[aria-label="${panel}"]`).boundingBox();
  if (panel !== undefined) expect(box, panel).not.toBeNull();
  const taken = packed(await watched.page.screenshot({
    clip: { x: 0, y: Math.floor(box?.y ?? 0), width: look.width, height: kHeight }, fullPage: panel !== undefined,
  }));
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
}
