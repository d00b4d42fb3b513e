// The pages of a company with customers: every dashboard of the revenue template draws all of its panels.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks } from "./browser";
import { DashboardModel } from "./pages/dashboard";
import { json } from "./server";
import { programOf, runner, startSite, type StartedSite } from "./site";

let started: StartedSite;

beforeAll(async () => {
  const program = programOf();
  const folder = join(mkdtempSync(join(tmpdir(), "bullion-revenue-")), "company");
  const run = runner(program);
  run(["init", "revenue", folder]);
  mkdirSync(join(folder, "incoming"), { recursive: true });
  run(["generate", "revenue", "--invoices", "600", "--to", join(folder, "incoming"), "--quiet"], folder);
  run(["run", "--quiet"], folder);
  started = await startSite(program, folder);
}, 180_000);
afterAll(() => {
  started.stop();
  rmSync(join(started.site.folder, ".."), { recursive: true, force: true });
});

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  it("every dashboard is sound", async () => {
    const browser = await Browser.open(look, { site: started.site });
    const { dashboards } = (await json<"Dashboard">("/dashboards", started.site)) as unknown as { dashboards: { name: string }[] };
    expect(dashboards.map((each) => each.name).sort()).toEqual(["customers", "growth", "profit", "receivables"]);
    for (const { name } of dashboards) {
      const watched = await browser.page();
      await watched.open(`/dashboards/${name}`);
      expect(await watched.page.locator(".failure").allInnerTexts(), name).toEqual([]);
      expect(await watched.page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(look.width);
      expect(watched.complaints, name).toEqual([]);
      await watched.page.close();
    }
    await browser.close();
  }, 240_000);
});

describe("a saved query on a page", () => {
  it("follows the filters that it knows, and says which it does not", async () => {
    const browser = await Browser.open(undefined, { site: started.site });
    const owing = await json<"MetricValues">("/metrics/open_receivables/values?by=customer&sort=-value&limit=1", started.site);
    const customer = owing.rows[0]?.dimensions["customer"] ?? "";
    const watched = await browser.page();
    const model = new DashboardModel(watched);
    const panel = model.panel("Ageing of each customer");
    const names = panel.locator('tbody td[data-label="name"]');
    await model.open("receivables");
    expect(await names.count()).toBe(25);
    expect(await panel.locator(".note").allInnerTexts()).toEqual([expect.stringContaining("Only the first 25")]);
    await model.open("receivables", `?${new URLSearchParams({ filter: `customer:in:${customer}` }).toString()}`);
    expect(await names.allInnerTexts()).toEqual([customer]);
    expect(await panel.locator(".note").count()).toBe(0);
    await model.open("receivables", "?filter=country:in:DE&range=last_year");
    expect(await panel.locator(".note").allInnerTexts()).toEqual(["These rows do not follow: country = DE."]);
    expect(await panel.getByText("No rows fit").count()).toBe(1);
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });
});
