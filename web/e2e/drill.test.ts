// The number on the screen is the sum of the rows on the screen, of the API and of the spreadsheet.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { compare, subtract, sum, type Decimal } from "../src/amounts/decimal";
import { Browser } from "./browser";
import { kFormulaAccount, kHostileService } from "./lake";
import { DashboardModel } from "./pages/dashboard";
import { isSame, proveNumber, read, totalIn } from "./proof";
import { bytes, json } from "./server";
import { readSheet } from "./xlsx";

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(() => browser.close());

async function dashboard(name = "summary", search = ""): Promise<DashboardModel> {
  const model = new DashboardModel(await browser.page());
  await model.open(name, search);
  return model;
}

describe("a number", () => {
  it("is the API's and the spreadsheet's, and opens the rows that sum to it, which lead to a line of a file", async () => {
    const asked = { dashboard: "summary", panel: "Cost", metric: "cost", currency: "USD", column: "total_cost_usd" };
    await proveNumber(browser, inject("site"), { ...asked, search: "range=last_7_days&filter=account:eq:A3" });
    await proveNumber(browser, inject("site"), { ...asked, search: "release=2&range=this_month&filter=service:eq:Compute" });
  });
});

describe("a change", () => {
  it("opens both sides, whose rows sum to them, and is their difference", async () => {
    const model = await dashboard("summary", "?range=last_7_days&filter=account:eq:A3");
    const table = await model.asTable("What changed by service");
    const row = table.locator("tbody tr").first();
    const figures = row.locator("button.figure");
    const [actual, compared, change] = (await figures.allInnerTexts()).map(read);
    if (actual === undefined || compared === undefined || change === undefined) throw new Error("three numbers are expected");
    await figures.nth(2).click();
    const { drawer } = model;
    await drawer.opened();
    expect(isSame(read(await drawer.text("number")), change)).toBe(true);
    expect(isSame(read(await drawer.text("actual")), actual)).toBe(true);
    expect(isSame(read(await drawer.text("compared")), compared)).toBe(true);
    expect(isSame(subtract(actual, compared), change)).toBe(true);
    expect(await drawer.text("change")).toContain("The change is the sum of the one side less the sum of the other.");
    const sums: Decimal[] = [];
    for (const side of ["AC", "PP"]) {
      await drawer.showSide(side);
      await drawer.loadAll();
      expect(await drawer.text("proof")).toContain("The rows sum to the number.");
      sums.push(sum((await drawer.column("total_cost_usd")).map(read)));
    }
    expect(sums.map((each, index) => isSame(each, [actual, compared][index] ?? each))).toEqual([true, true]);
    await drawer.close();

    // The bar of the waterfall is the same change.
    await model.panel("What changed by service").getByRole("button", { name: "Table", exact: true }).click();
    await model.chart("What changed by service").focus();
    await model.watched.page.keyboard.press("ArrowDown");
    await model.watched.page.keyboard.press("ArrowDown");
    await model.watched.page.keyboard.press("Enter");
    await drawer.opened();
    expect(isSame(read(await drawer.text("number")), change)).toBe(true);
    expect(await drawer.text("change")).toContain("The change is");
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });
});

describe("a bridge", () => {
  it("says that it has no base where the range has no days before it", async () => {
    const model = await dashboard("summary", "?range=all");
    await model.panel("What changed by service").getByText("Nothing to compare with").waitFor();
    await model.watched.page.close();
  });
});

describe("a mark", () => {
  it("opens its rows by keyboard alone", async () => {
    const model = await dashboard("summary", "?range=all&compare=none");
    const chart = model.chart("Largest services");
    await chart.focus();
    await model.watched.page.keyboard.press("ArrowDown");
    await model.watched.page.keyboard.press("ArrowDown");
    const said = await model.panel("Largest services").locator("[aria-live=polite]").innerText();
    expect(said).toMatch(/USD/);
    await model.watched.page.keyboard.press("Enter");
    await model.drawer.opened();
    expect(await model.drawer.text("proof")).toContain("The rows sum to the number.");
    expect(said).toContain(await model.drawer.text("number"));
    await model.drawer.close();
    expect(await chart.evaluate((element) => element === document.activeElement)).toBe(true);
    await model.watched.page.close();
  });

  it("opens its rows by mouse, on every kind of chart", async () => {
    const model = await dashboard("summary", "?range=last_30_days");
    for (const title of ["Cost per day", "Largest services", "What changed by service"]) {
      await model.chart(title).scrollIntoViewIfNeeded();
      const box = await model.chart(title).boundingBox();
      if (box === null) throw new Error(title);
      const marks = model.chart(title).locator("svg path");
      expect(await marks.count(), title).toBeGreaterThan(1);
      await model.watched.page.mouse.move(box.x + box.width * 0.45, box.y + box.height * 0.45);
      await model.watched.page.mouse.down();
      await model.watched.page.mouse.up();
      await model.drawer.opened();
      expect(await model.drawer.text("proof"), title).toContain("The rows sum to the number.");
      await model.drawer.close();
    }
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });

  it("filters the whole dashboard, and the link keeps it", async () => {
    const model = await dashboard("summary", "?range=all&compare=none");
    const before = read(await model.figure("Cost").innerText());
    const table = await model.asTable("Largest services");
    const service = await table.locator("tbody td").first().innerText();
    const cost = read(await table.locator("tbody button.figure").first().innerText());
    await table.locator("tbody td button.plain").first().click();
    await model.watched.settled();
    expect(new URL(model.watched.page.url()).searchParams.get("filter")).toContain(service);
    await model.watched.page.waitForFunction((text) => document.querySelector(".chips")?.textContent.includes(text) === true, service);
    const after = read(await model.figure("Cost").innerText());
    expect(compare(after, cost)).toBe(0);
    expect(compare(after, before)).not.toBe(0);
    await model.watched.page.reload();
    await model.watched.settled();
    expect(compare(read(await model.figure("Cost").innerText()), cost)).toBe(0);
    await model.watched.page.close();
  });

  it("chooses a range of days when dragged over", async () => {
    const model = await dashboard("summary", "?range=all&compare=none");
    await model.chart("Cost per day").scrollIntoViewIfNeeded();
    const box = await model.chart("Cost per day").boundingBox();
    if (box === null) throw new Error("no chart");
    const { mouse } = model.watched.page;
    await mouse.move(box.x + box.width * 0.4, box.y + 100);
    await mouse.down();
    await mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 4 });
    await mouse.move(box.x + box.width * 0.6, box.y + 100, { steps: 4 });
    await mouse.up();
    await model.watched.page.waitForURL(/start=\d{4}-\d\d-\d\d&end=/);
    await model.watched.settled();
    const place = new URL(model.watched.page.url()).searchParams;
    const values = await json<"MetricValues">(`/metrics/cost/values?start=${place.get("start") ?? ""}&end=${place.get("end") ?? ""}`);
    expect(isSame(read(await model.figure("Cost").innerText()), totalIn(values, "USD"))).toBe(true);
    await model.watched.page.close();
  });
});

describe("hostile texts", () => {
  it("are shown as they are and run nowhere", async () => {
    const search = `?range=all&compare=none&filter=${encodeURIComponent(`account:eq:${kFormulaAccount}`)}`;
    const model = await dashboard("summary", search);
    expect(compare(read(await model.figure("Cost").innerText()), read("19.840002"))).toBe(0);
    const table = await model.asTable("Largest services");
    expect(await table.locator("tbody td").first().innerText()).toBe(kHostileService);
    await model.figure("Cost").click();
    await model.drawer.opened();
    expect(await model.drawer.column("account_id")).toContain(kFormulaAccount);
    expect(await model.watched.page.locator("img").count()).toBe(0);
    expect(model.watched.complaints).toEqual([]);
    await model.drawer.close();
    await model.watched.open("/quarantine");
    expect(await model.watched.page.locator("main script").count()).toBe(0);
    expect(await model.watched.page.locator("main").innerText()).toContain("<script>alert(1)</script>");
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });

  it("are no formulas in a spreadsheet", async () => {
    const sheet = readSheet(await bytes(`/tables/account_service_day_cost/export?format=xlsx&filter=${encodeURIComponent(`account_id:eq:${kFormulaAccount}`)}`));
    expect(sheet.cells.flat().some((cell) => cell.includes("HYPERLINK"))).toBe(true);
    expect(sheet.formulas.filter((formula) => formula.includes("HYPERLINK"))).toEqual([]);
  });
});
