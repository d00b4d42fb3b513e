// The pages of a company that spends: its dashboards, and what a reader who doubts a number does.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks } from "./browser";
import { dashboardsAreSound, startCompany, stopCompany } from "./company";
import { DashboardModel } from "./pages/dashboard";
import { read } from "./proof";
import { json } from "./server";
import type { StartedSite } from "./site";

let started: StartedSite;
let browser: Browser;

beforeAll(async () => {
  started = await startCompany("spend", []);
  browser = await Browser.open(undefined, { site: started.site });
}, 180_000);
afterAll(async () => {
  await browser.close();
  stopCompany(started);
});

async function dashboard(name: string, search = ""): Promise<DashboardModel> {
  const model = new DashboardModel(await browser.page());
  await model.open(name, search);
  return model;
}

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  it("every dashboard is sound and looks as before", async () => {
    await dashboardsAreSound(started.site, look, "spend", {
      budget: "Budget and actual", duplicates: null, spend: null, vendors: "Risk by vendor and detector",
    });
  }, 240_000);
});

describe("a filter", () => {
  it("is said to be ignored by each panel that lacks its dimension, and marked when no panel has it", async () => {
    const model = await dashboard("spend", "?filter=department:eq:D200&filter=foo:eq:1&range=ever");
    expect(await model.panel("Findings").locator(".note").allInnerTexts()).toEqual(["Not filtered by: Department = D200; foo = 1."]);
    expect(await model.panel("Spend").locator(".note").allInnerTexts()).toEqual(["Not filtered by: foo = 1."]);
    const chips = model.watched.page.locator(".chip");
    expect(await chips.allInnerTexts()).toEqual([expect.not.stringContaining("nothing"), expect.stringContaining("foo = 1\nfilters nothing here")]);
    expect(await model.watched.page.getByText("Not understood in the address").innerText()).toContain("range=ever");
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });
});

describe("a mark", () => {
  it("of findings opens them, and they their invoices", async () => {
    const model = await dashboard("spend");
    for (const title of ["Findings by detector", "Findings in time"]) {
      await model.openMark(title, "Home");
      await model.drawer.opened();
      expect(await model.drawer.text("proof"), title).toContain("The number of rows agrees.");
      if (title === "Findings by detector") expect(await model.watched.page.locator('dialog td[data-label="line_id"] a').count()).toBeGreaterThan(0);
      await model.drawer.close();
    }
    await model.watched.page.close();
  });

  it("of all the others opens their rows", async () => {
    const model = await dashboard("spend");
    await model.openMark("Largest vendors", "End");
    await model.drawer.opened();
    await model.drawer.loadAll();
    expect(await model.drawer.text("proof")).toContain("The rows sum to the number.");
    await model.watched.page.close();
  });

  it("of a ratio says that it has no rows", async () => {
    const model = await dashboard("budget");
    await model.openMark("Pace of the year", "Home");
    expect(await model.panel("Pace of the year").locator("[aria-live=polite]").innerText()).toContain("No rows add up to this number alone.");
    expect(await model.watched.page.locator("dialog.drawer").count()).toBe(0);
    await model.watched.page.close();
  });
});

describe("the budget page", () => {
  it("counts the last year that has a plan and bookings, in every panel, and judges the variance", async () => {
    const model = await dashboard("budget");
    const values = await json<"MetricValues">("/metrics/variance/values?start=2024-01-01&end=2025-01-01", started.site);
    const total = values.totals[0]?.value;
    const shown = await model.panel("Variance").locator(".figure-main").innerText();
    expect(read(shown)).toEqual(read(typeof total === "object" && total !== null ? total.amount : ""));
    expect(shown).toMatch(/^\+[\d,.]+U EUR$/);
    for (const title of ["Variance", "Budget and actual", "Variance by department"]) {
      expect(await model.panel(title).locator(".panel-note").innerText(), title).toContain("2024");
    }
    expect(await model.panel("Budget and actual").locator(".legend").innerText()).toMatch(/Budget \(PL\)\s+Actual \(AC\)/);
    await model.watched.page.close();
  });
});

describe("a trace", () => {
  it("leads from a finding to the records of the row that it flags, and says what is not compared", async () => {
    const model = await dashboard("spend");
    await model.figure("Findings").click();
    await model.drawer.opened();
    const drawer = await model.drawer.traceFirstRow();
    expect(await model.drawer.traceProof()).toContain("could not be compared on every level");
    expect(await drawer.locator('td[data-label="Notes"]').allInnerTexts()).toContainEqual(expect.stringContaining("rows that the findings flag"));
    expect(await drawer.locator('td[data-label="File"]').count()).toBeGreaterThan(0);
    await model.watched.page.close();
  });

  it("goes into another table when it is asked to", async () => {
    const model = await dashboard("budget");
    await model.figure("Budget").click();
    await model.drawer.opened();
    const drawer = await model.drawer.traceFirstRow();
    const tables = () => drawer.locator('td[data-label="Table"]').allInnerTexts();
    expect(await tables()).toEqual(expect.arrayContaining(["budget_position", "budget_bookings"]));
    await drawer.getByRole("button", { name: "budget_plans" }).click();
    await drawer.locator('td[data-label="Table"]').getByText("budget_plans", { exact: true }).waitFor();
    expect(await tables()).not.toContain("budget_bookings");
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });
});
