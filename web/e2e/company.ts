// A template of a domain with generated files, run once and served.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { Browser, type Look } from "./browser";
import { looksAsBefore } from "./pictures";
import { json } from "./server";
import { programOf, runner, startSite, type Site, type StartedSite } from "./site";

/** Where a picture of a dashboard begins that is further down than its top. */
export type Pictured = Readonly<Record<string, string | null>>;

export async function startCompany(domain: string, parameters: readonly string[]): Promise<StartedSite> {
  const program = programOf();
  const folder = join(mkdtempSync(join(tmpdir(), `bullion-${domain}-`)), "company");
  const run = runner(program);
  run(["init", domain, folder]);
  run(["generate", domain, ...parameters, "--quiet"], folder);
  run(["run", "--quiet"], folder);
  return startSite(program, folder);
}

export function stopCompany(started: StartedSite): void {
  started.stop();
  rmSync(join(started.site.folder, ".."), { recursive: true, force: true });
}

/** Every dashboard draws all of its panels, fits the width, and looks as before from its top or a panel on. */
export async function dashboardsAreSound(site: Site, look: Look, prefix: string, pictured: Pictured): Promise<void> {
  const browser = await Browser.open(look, { site });
  const { dashboards } = (await json<"Dashboard">("/dashboards", site)) as unknown as { dashboards: { name: string }[] };
  expect(dashboards.map((each) => each.name).sort()).toEqual(Object.keys(pictured).sort());
  for (const { name } of dashboards) {
    const watched = await browser.page();
    await watched.open(`/dashboards/${name}`);
    expect(await watched.page.locator(".failure").allInnerTexts(), name).toEqual([]);
    expect(await watched.page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(look.width);
    await looksAsBefore(watched, look, `${prefix}-${name}`, pictured[name] ?? undefined);
    expect(watched.complaints, name).toEqual([]);
    await watched.page.close();
  }
  await browser.close();
}
