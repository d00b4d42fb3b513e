// The number on the screen is the sum of the rows on the screen, of the API and of the spreadsheet.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compare, kZero, parseDecimal, sum, toText, type Decimal } from "../src/amounts/decimal";
import { Browser } from "./browser";
import { kFormulaAccount, kHostileService } from "./lake";
import { DashboardModel } from "./pages/dashboard";
import { bytes, json, type Schemas } from "./server";
import { readSheet } from "./xlsx";

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(() => browser.close());

/** "1,234.50 USD" or "−3.00" back into a decimal. */
function read(shown: string): Decimal {
  const value = parseDecimal(shown.replaceAll(",", "").replace("\u2212", "-").replace("+", "").replace(/\s*[A-Z]{3}.*$/s, "").trim());
  if (value === null) throw new Error(`no number: ${shown}`);
  return value;
}

function usdTotal(values: Schemas["MetricValues"]): string {
  const total = values.totals.find((row) => row.currency === "USD")?.value;
  return typeof total === "object" && total !== null ? total.amount : "";
}

async function dashboard(name = "summary", search = ""): Promise<DashboardModel> {
  const model = new DashboardModel(await browser.page());
  await model.open(name, search);
  return model;
}

describe("a number", () => {
  it("opens the rows that sum to it, which lead to a line of a file", async () => {
    const model = await dashboard("summary", "?range=last_7_days");
    const shown = await model.figure("Cost").innerText();
    await model.figure("Cost").click();
    await model.drawer.opened();
    expect(compare(read(await model.drawer.text("number")), read(shown))).toBe(0);
    expect(compare(read(await model.drawer.text("sum")), read(shown))).toBe(0);
    expect(await model.drawer.text("proof")).toContain("The rows sum to the number.");
    await model.drawer.loadAll();
    const cells = (await model.drawer.column("total_cost_usd")).map(read);
    expect(String(cells.length)).toBe((await model.drawer.text("count")).replaceAll(",", ""));
    expect(compare(sum(cells), read(shown))).toBe(0);
    expect(compare(read(await model.drawer.foot("total_cost_usd")), read(shown))).toBe(0);
    const traced = await model.drawer.traceFirstRow();
    expect(await traced.getByTestId("trace-proof").innerText()).toContain("The sums agree on every level.");
    expect(await traced.getByRole("cell").filter({ hasText: /\.csv$/ }).count()).toBeGreaterThan(0);
    await model.drawer.close();
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });

  it("is the API's and the spreadsheet's, to the last digit", async () => {
    const model = await dashboard("summary", "?range=all&release=2&compare=none");
    const shown = read(await model.figure("Cost").innerText());
    const values = await json<"MetricValues">("/metrics/cost/values?release=2&range=all");
    const stated = usdTotal(values);
    expect(toText(shown).replace(/\.?0+$/, "")).toBe(stated.replace(/\.?0+$/, ""));
    const sheet = readSheet(await bytes("/metrics/cost/export?format=xlsx&release=2&range=all"));
    const cells = sheet.cells.flat().map((cell) => parseDecimal(cell)).filter((cell) => cell !== null);
    expect(cells.some((cell) => compare(cell, shown) === 0), JSON.stringify(sheet.cells)).toBe(true);
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
    const model = await dashboard("summary", "?range=all");
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
    const stated = parseDecimal(usdTotal(values)) ?? kZero;
    expect(compare(read(await model.figure("Cost").innerText()), stated)).toBe(0);
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
