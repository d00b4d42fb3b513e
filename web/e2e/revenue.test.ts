// The pages of a company with customers: every dashboard of the revenue template draws all of its panels.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks } from "./browser";
import { dashboardsAreSound, startCompany, stopCompany } from "./company";
import { DashboardModel } from "./pages/dashboard";
import { json } from "./server";
import type { StartedSite } from "./site";

let started: StartedSite;

beforeAll(async () => {
  started = await startCompany("revenue", ["--invoices", "600"]);
}, 180_000);
afterAll(() => stopCompany(started));

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  it("every dashboard is sound and looks as before", async () => {
    await dashboardsAreSound(started.site, look, "revenue", {
      customers: "Customers that came back", growth: null, profit: "Bridge to the prior period", receivables: null,
    });
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
    expect(await names.count()).toBe(15);
    expect(await panel.locator(".note").allInnerTexts()).toEqual([expect.stringContaining("Only the first 15")]);
    await model.open("receivables", `?${new URLSearchParams({ filter: `customer:in:${customer}` }).toString()}`);
    expect(await names.allInnerTexts()).toEqual([customer]);
    expect(await panel.locator(".note").count()).toBe(0);
    await model.open("receivables", "?filter=country:in:DE&range=last_year");
    expect(await panel.locator(".note").allInnerTexts()).toEqual(["Not filtered by: country = DE."]);
    expect(await panel.getByText("No rows fit").count()).toBe(1);
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });
});
