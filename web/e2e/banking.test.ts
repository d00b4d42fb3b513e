// The pages of a bank: every dashboard of the banking template draws all of its panels.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks } from "./browser";
import { dashboardsAreSound, startCompany, stopCompany } from "./company";
import { DashboardModel } from "./pages/dashboard";
import type { StartedSite } from "./site";

let started: StartedSite;

beforeAll(async () => {
  started = await startCompany("banking", ["--events", "20000", "--days", "240", "--customers", "300"]);
}, 180_000);
afterAll(() => stopCompany(started));

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  it("every dashboard is sound and looks as before", async () => {
    await dashboardsAreSound(started.site, look, "banking", { balances: null, customer: null, operations: null, quality: null });
  }, 240_000);
});

describe("refused records", () => {
  it("follow the rule and the days of the page", async () => {
    const browser = await Browser.open(undefined, { site: started.site });
    const watched = await browser.page();
    const model = new DashboardModel(watched);
    const cells = (name: string) => model.panel("Refused records").locator(`tbody td[data-label="${name}"]`).allInnerTexts();
    await model.open("quality", "?range=all");
    expect(new Set(await cells("rule")).size).toBeGreaterThan(3);
    const rule = (await cells("rule"))[0] ?? "";
    await model.open("quality", `?range=all&filter=${encodeURIComponent(`rule:in:${rule}`)}`);
    expect(new Set(await cells("rule"))).toEqual(new Set([rule]));
    await model.open("quality", "?range=last_30_days");
    const days = (await cells("dt")).sort();
    expect(days.length).toBeGreaterThan(0);
    expect((days[0] ?? "") >= "2024-07-29").toBe(true);
    await model.open("quality");
    expect(await model.panel("Days without transactions").locator(".figure-main").innerText()).toBe("0 days");
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });
});
