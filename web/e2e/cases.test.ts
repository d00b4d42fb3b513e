// Cases in the browser: a ledger with planted anomalies, and what people do with what was found.
import { AxeBuilder } from "@axe-core/playwright";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks, type Look } from "./browser";
import { DashboardModel } from "./pages/dashboard";
import { provePanels } from "./panels";
import { json } from "./server";
import { programOf, runner, startSite, type StartedSite } from "./site";

let started: StartedSite;

/** What the generated ledger has none of: orders, and revenue that is planned and booked. */
function addOrdersAndRevenue(incoming: string): void {
  writeFileSync(join(incoming, "commitments-open.csv"), [
    "commitment_id,version,purchase_order,ordered_on,closed_on,vendor_id,department,account,campaign_id,amount,currency,is_withdrawn",
    "K1,1,PO-OPEN-1,2024-05-03,,V10001,D200,6200,,12000.50,EUR,false", "K2,1,PO-OPEN-2,2024-10-03,,V10002,D100,6100,,800.25,EUR,false", "",
  ].join("\n"));
  writeFileSync(join(incoming, "postings-revenue.csv"), [
    "posting_id,version,posted_on,department,account,campaign_id,item,quantity,amount,currency,is_withdrawn",
    "R1,1,2024-05-31,D200,4100,,,,70000.00,EUR,false", "R2,1,2024-06-30,D200,4100,,,,65000.10,EUR,false", "",
  ].join("\n"));
  writeFileSync(join(incoming, "budgets-revenue.csv"), [
    "budget_line_id,budget_version,fiscal_month,department,account,campaign_id,amount,currency",
    "R1,adopted,2024-05-01,D200,4100,,68000.00,EUR", "R2,adopted,2024-06-01,D200,4100,,68000.00,EUR", "",
  ].join("\n"));
}

beforeAll(async () => {
  const program = programOf();
  const folder = join(mkdtempSync(join(tmpdir(), "bullion-cases-")), "ledger");
  const run = runner(program);
  run(["init", "spend", folder]);
  mkdirSync(join(folder, "incoming"), { recursive: true });
  run(["generate", "spend", "--to", join(folder, "incoming"), "--quiet"], folder);
  addOrdersAndRevenue(join(folder, "incoming"));
  run(["run", "--quiet"], folder);
  started = await startSite(program, folder);
}, 180_000);
afterAll(() => {
  started.stop();
  rmSync(join(started.site.folder, ".."), { recursive: true, force: true });
});

async function open(look?: Look): Promise<Browser> {
  return Browser.open(look, { site: started.site });
}

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  it("the inbox, a case and the pages of the ledger are sound", async () => {
    const browser = await open(look);
    const { dashboards } = (await json<"Dashboard">("/dashboards", started.site)) as unknown as { dashboards: { name: string }[] };
    const first = (await json<"CaseList">("/cases", started.site)).cases[0]?.id ?? 0;
    for (const path of ["/cases", "/cases/patterns", "/cases/none", `/cases/${first}`, ...dashboards.map((each) => `/dashboards/${each.name}`)]) {
      const watched = await browser.page();
      await watched.open(path);
      expect(await watched.page.locator(".failure").allInnerTexts(), path).toEqual([]);
      expect(await watched.page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(look.width);
      const { violations } = await new AxeBuilder({ page: watched.page }).withTags(["wcag2a", "wcag2aa", "wcag22aa"]).analyze();
      expect(violations.filter((each) => each.impact === "serious" || each.impact === "critical").map((each) => each.id), path).toEqual([]);
      expect(watched.complaints, path).toEqual([]);
      await watched.page.close();
    }
    await browser.close();
  }, 240_000);
});

describe("a page of the ledger", () => {
  const kPanels: Readonly<Record<string, readonly string[]>> = {
    spend: ["Spend trend", "By department", "By category", "Findings by detector", "Findings in time"],
    budget: [
      "Budget and actual", "Variance by department and month", "Variance by department", "Ordered and not yet invoiced",
      "Open orders by department", "Pace of the year", "Pace by department", "Revenue", "Planned and booked revenue",
    ],
    vendors: ["Vendors by spend", "Vendor risk"],
    duplicates: ["Duplicates found", "Money at risk", "In time", "By vendor"],
  };

  it.each(Object.keys(kPanels))("%s: every panel shows the numbers of the API", async (name) => {
    const browser = await open();
    const titles = await provePanels(new DashboardModel(await browser.page()), started.site, name);
    expect(titles).toEqual(expect.arrayContaining([...(kPanels[name] ?? [])]));
    await browser.close();
  }, 120_000);

  it.each([["vendors", "Vendors by spend"], ["spend", "By category"]])(
    "%s: %s leads to lines of files of invoices", async (name, title) => {
      const browser = await open();
      const model = new DashboardModel(await browser.page());
      await model.open(name);
      await (await model.asTable(title)).locator("tbody button.figure").first().click();
      await model.drawer.opened();
      expect(await model.drawer.text("proof")).toContain("The rows sum to the number.");
      await model.drawer.traceFirstRow();
      expect((await model.drawer.records()).some((record) => /invoices-\d{4}-\d\d\.csv/.test(record.file))).toBe(true);
      await browser.close();
    });

  it.each([["vendors", "Vendor risk"], ["duplicates", "By vendor"]])("%s: %s leads to the invoice", async (name, title) => {
    const browser = await open();
    const model = new DashboardModel(await browser.page());
    const { page } = model.watched;
    await model.open(name);
    await (await model.asTable(title)).locator("tbody button.figure").first().click();
    await model.drawer.opened();
    expect(await model.drawer.text("proof")).toContain("The rows sum to the number.");
    const line = page.locator('dialog.drawer tbody td[data-label="line_id"] a').first();
    const id = await line.innerText();
    await line.click();
    await page.waitForURL(/\/tables\/fact_invoice_line/);
    await model.watched.settled();
    expect(await page.locator("main").innerText()).toContain(id);
    expect(model.watched.complaints).toEqual([]);
    await browser.close();
  });

  it("vendors: the Pareto says what the largest are together", async () => {
    const browser = await open();
    const model = new DashboardModel(await browser.page());
    await model.open("vendors");
    const shares = (await (await model.asTable("Vendors by spend")).locator('tbody td[data-label^="Cumulative"]').allInnerTexts()).map(Number);
    expect(shares.length).toBe(20);
    expect([...shares].sort((left, right) => left - right)).toEqual(shares);
    const values = await json<"MetricValues">("/metrics/vendor_spend/values?by=vendor&sort=-value&limit=20", started.site);
    expect(shares[0]).toBe(Number(values.rows[0]?.share));
    expect(shares[19]).toBeLessThan(100);
    await browser.close();
  });

  it("duplicates: the pairs stand side by side, and a line leads to its row", async () => {
    const browser = await open();
    const model = new DashboardModel(await browser.page());
    const { page } = model.watched;
    await model.open("duplicates");
    const { base, bearer } = started.site;
    const answer = await fetch(`${base}/api/v1/queries/duplicate_pairs/run`, {
      method: "POST", headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" }, body: JSON.stringify({ limit: 200 }),
    });
    const { columns, rows } = (await answer.json()) as { columns: { name: string }[]; rows: unknown[][] };
    const lines = rows.map((row) => String(row[columns.findIndex((column) => column.name === "line")]));
    expect(lines.length).toBeGreaterThan(5);
    const links = model.panel("Side by side").locator('tbody td[data-label="line"] a');
    expect(await links.allInnerTexts()).toEqual(lines);
    await links.first().click();
    await page.waitForURL(/\/tables\/fact_invoice_line/);
    await model.watched.settled();
    expect(await page.locator("main").innerText()).toContain(lines[0] ?? "?");
    expect(model.watched.complaints).toEqual([]);
    await browser.close();
  });
});

describe("the inbox", () => {
  it("has a funnel from found to recovered", async () => {
    const browser = await open();
    const watched = await browser.page();
    await watched.open("/cases");
    const { by_state: states } = await json<"CaseList">("/cases", started.site);
    const counts = await watched.page.getByRole("table", { name: "From found to recovered" }).locator('tbody td[data-label="Cases"]').allInnerTexts();
    expect(counts.map(Number).sort()).toEqual(states.map((each) => each.cases).sort());
    await browser.close();
  });

  it("is saved as a file, as it is filtered and sorted", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    await watched.open("/cases?filter=detector:eq:duplicate_invoice&filter=sort:eq:expected");
    const shown = await page.getByRole("link", { name: /^Case \d+$/ }).allInnerTexts();
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: "CSV" }).click();
    const saved = await coming;
    expect(saved.suggestedFilename()).toBe("cases-r1.csv");
    const lines = readFileSync(await saved.path(), "utf8").trim().split("\r\n");
    expect(lines[0]).toMatch(/^rank,case_id,state,/);
    expect(lines.slice(1).map((line) => `Case ${line.split(",")[1] ?? ""}`).slice(0, shown.length)).toEqual(shown);
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });

  it("keeps filters and order in the address, and says why nothing is listed", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    await watched.open("/cases");
    const cases = async (): Promise<string[]> => {
      await watched.settled();
      return page.getByRole("link", { name: /^Case \d+$/ }).allInnerTexts();
    };
    const asked = async (query: string): Promise<string[]> =>
      (await json<"CaseList">(`/cases?${query}`, started.site)).cases.map((each) => `Case ${each.id}`);
    await page.getByLabel("Detector").selectOption("duplicate_invoice");
    await page.getByLabel("Order").selectOption("expected");
    await page.getByLabel("At risk, at least").fill("100,5");
    await page.getByText("Expected digits with a point").waitFor();
    await page.getByLabel("At risk, at least").fill("100.50");
    await page.getByLabel("At risk, at least").press("Enter");
    const query = "detector=duplicate_invoice&sort=expected&min_money=100.50";
    await page.waitForURL(/min_money%3Aeq%3A100.50/);
    expect(await cases()).toEqual(await asked(query));
    await page.reload();
    expect(await cases()).toEqual(await asked(query));
    expect(await page.getByLabel("Detector").inputValue()).toBe("duplicate_invoice");
    await page.getByLabel("At risk, at least").fill("999999999999");
    await page.getByLabel("Order").focus();
    await page.getByText("No case matches the filters").waitFor();
    const { open: count } = await json<"CaseList">("/cases", started.site);
    await page.getByText(`Without them ${count} are open at Release 1.`).waitFor();
    await page.goBack();
    expect(await cases()).toEqual(await asked(query));
    await page.getByRole("button", { name: "Clear all" }).click();
    expect(await cases()).toEqual(await asked("limit=100"));
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });

  it("goes on where the page ended, whatever happened meanwhile, and shows no case twice", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    const all = (await json<"CaseList">("/cases?limit=1000", started.site)).cases.map((each) => `Case ${each.id}`);
    // The page asks for a hundred; here for ten.
    await page.route("**/api/v1/cases?*", async (route) =>
      route.continue({ url: route.request().url().replace("limit=100", "limit=10") }));
    await watched.open("/cases");
    const shown = page.getByRole("link", { name: /^Case \d+$/ });
    expect(await shown.allInnerTexts()).toEqual(all.slice(0, 10));
    await page.getByRole("button", { name: "Load more" }).click();
    await page.waitForFunction(() => document.querySelectorAll("td[data-label=Case] a").length > 10);
    expect(await shown.allInnerTexts()).toEqual(all.slice(0, 20));
    await browser.close();
  });

  it("lists what the API lists, the surest first", async () => {
    const browser = await open();
    const watched = await browser.page();
    await watched.open("/cases");
    const list = await json<"CaseList">("/cases", started.site);
    expect(list.total).toBeGreaterThan(20);
    const shown = await watched.page.getByRole("link", { name: /^Case \d+$/ }).allInnerTexts();
    expect(shown).toEqual(list.cases.map((each) => `Case ${each.id}`));
    const scores = list.cases.map((each) => Number(each.score));
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    await browser.close();
  });
});

describe("a case", () => {
  it("shows what differs, is worked on to its end, and remembers who did what", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    const list = await json<"CaseList">("/cases?detector=duplicate_invoice", started.site);
    const id = list.cases[0]?.id ?? 0;
    await watched.open("/cases");
    await page.getByRole("link", { name: `Case ${id}`, exact: true }).click();
    await page.getByText("≠ line_id").waitFor();
    // From the evidence to the row in its table.
    const rows = (await json<"CaseDetail">(`/cases/${id}`, started.site)).evidence[0]?.rows ?? [];
    const link = page.getByRole("link", { name: rows[0]?.row_id ?? "?", exact: true });
    expect(await link.getAttribute("href")).toContain(`filter=line_id%3Aeq%3A${rows[0]?.row_id ?? "?"}`);

    const does = async (name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();
    const inState = async (name: string): Promise<void> => page.locator("dd .status", { hasText: name }).waitFor();
    const hasFocus = async (name: string): Promise<boolean> =>
      page.getByRole("button", { name, exact: true }).evaluate((button) => button === document.activeElement);
    await does("Dismiss");
    await page.getByText("Dismiss needs a note").waitFor();
    expect(await page.getByLabel("Note").evaluate((field) => field === document.activeElement)).toBe(true);
    // By keyboard, and told.
    await page.getByLabel("Owner").fill(" ana ");
    await page.getByLabel("Owner").press("Enter");
    await inState("Assigned");
    await page.getByText("Assign: recorded. The case is Assigned.").waitFor();
    await page.getByLabel("Amount, EUR").press("Enter");
    await page.getByText("press the button itself").waitFor();
    await page.getByRole("button", { name: "Confirm", exact: true }).press("Enter");
    await inState("Confirmed");
    expect(await hasFocus("Confirm")).toBe(true);
    await page.getByRole("button", { name: "Recover", exact: true }).press("Enter");
    await inState("Recovered");
    expect(await hasFocus("Recover")).toBe(true);
    expect((await json<"CaseDetail">(`/cases/${id}`, started.site)).case.owner).toBe("ana");
    const history = (await json<"CaseDetail">(`/cases/${id}`, started.site)).history.map((each) => each.action);
    expect(history).toEqual(["opened", "assign", "confirm", "recover"]);
    await watched.open("/cases");
    await page.getByRole("button", { name: "Recovered", exact: true }).click();
    await page.getByRole("link", { name: `Case ${id}`, exact: true }).waitFor();
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });

  it("is confirmed and recovered in part, and never beyond without consent", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    const list = await json<"CaseList">("/cases?detector=price_creep", started.site);
    const id = list.cases[0]?.id ?? 0;
    const does = async (name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();
    const money = async (): Promise<(string | undefined)[]> => {
      const [sum] = (await json<"CaseDetail">(`/cases/${id}`, started.site)).case.money;
      return [sum?.confirmed?.amount, sum?.recovered.amount];
    };
    await watched.open(`/cases/${id}`);
    const amount = page.getByLabel("Amount, EUR");
    for (const [typed, told] of [["ten", "digits with a point"], ["120,50", "digits with a point"], ["1.200,50", "digits with a point"],
      ["1.234", "at most 2 digits"], ["0", "not zero"], ["-5", "above zero"]] as const) {
      await amount.fill(typed);
      await does("Confirm");
      await page.locator(".fault", { hasText: told }).waitFor();
      expect(await money(), typed).toEqual([undefined, "0.00"]);
    }
    await amount.fill("9,999,999.00");
    await does("Confirm");
    await page.locator(".failure", { hasText: "at risk" }).waitFor();
    expect(await page.locator("main").innerText()).not.toContain("--force");
    await amount.fill("100.50");
    await does("Confirm");
    await page.locator("dd .status", { hasText: "Confirmed" }).waitFor();
    expect(await money()).toEqual(["100.50", "0.00"]);
    await amount.fill("40.25");
    await does("Recover");
    await page.locator("dd", { hasText: "40.25" }).waitFor();
    expect(await money()).toEqual(["100.50", "40.25"]);
    await amount.fill("100.00");
    await does("Recover");
    await page.locator(".failure").waitFor();
    await page.getByLabel("Do it all the same").check();
    await does("Recover");
    await page.locator("dd .status", { hasText: "Recovered" }).waitFor();
    expect(await money()).toEqual(["100.50", "140.25"]);
    // Reopened, it keeps the money, and to dismiss it needs consent as well.
    await page.getByLabel("Note").fill("not so");
    await does("Reopen");
    await page.locator("dd .status", { hasText: "New" }).waitFor();
    await page.getByLabel("Note").fill("fine after all");
    await does("Dismiss");
    await page.getByLabel("Do it all the same").check();
    await does("Dismiss");
    await page.locator("dd .status", { hasText: "Dismissed" }).waitFor();
    await browser.close();
  });

  const acts = async (id: number, body: Record<string, unknown>): Promise<void> => {
    const { base, bearer } = started.site;
    const answer = await fetch(`${base}/api/v1/cases/${id}/actions`, {
      method: "POST", headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" }, body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  };

  it("is not changed by a page that shows it as it was, which keeps what is typed", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    const list = await json<"CaseList">("/cases?detector=weekend_or_holiday", started.site);
    const id = list.cases[0]?.id ?? 0;
    await watched.open(`/cases/${id}`);
    await page.getByLabel("Note").fill("They work on Saturdays");
    // Somebody else was faster.
    await acts(id, { action: "assign", owner: "eve" });
    await acts(id, { action: "comment", note: "two\nlines" });
    await page.getByLabel("Amount, EUR").fill("1.00");
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await page.getByText("Somebody was faster").waitFor();
    expect(await page.locator(".failure").innerText()).toContain("was changed meanwhile");
    await page.locator("dd .status", { hasText: "Assigned" }).waitFor();
    expect(await page.getByLabel("Note").inputValue()).toBe("They work on Saturdays");
    expect(await page.getByLabel("Amount, EUR").inputValue()).toBe("1.00");
    expect(await page.getByLabel("Owner").inputValue()).toBe("eve");
    expect(await page.locator("td", { hasText: "two" }).innerText()).toContain("two\nlines");
    // Two clicks at once are one.
    await page.getByLabel("Amount, EUR").fill("");
    await page.getByRole("button", { name: "Comment", exact: true }).evaluate((button) => {
      (button as HTMLButtonElement).click();
      (button as HTMLButtonElement).click();
    });
    await page.getByText("Comment: recorded.").waitFor();
    const history = (await json<"CaseDetail">(`/cases/${id}`, started.site)).history.map((each) => each.action);
    expect(history).toEqual(["opened", "assign", "comment", "comment"]);
    await browser.close();
  });

  it("is dismissed with a note, and what that taught is shown and taken back", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    const list = await json<"CaseList">("/cases?state=new", started.site);
    const id = list.cases.at(-1)?.id ?? 0;
    const patterns = async (): Promise<(string | null)[]> =>
      (await json<"CaseDetail">(`/cases/${id}`, started.site)).patterns.map((each) => each.revoked_by);
    await watched.open(`/cases/${id}`);
    await page.getByLabel("Note").fill("They work on Saturdays");
    await page.getByLabel("When it is dismissed").selectOption("subject");
    await page.getByRole("button", { name: "Dismiss", exact: true }).click();
    await page.getByRole("heading", { name: "What its dismissal taught" }).waitFor();
    // The button is gone; the focus is where it is said what was done.
    await page.waitForFunction(() => document.activeElement?.textContent.startsWith("Dismiss: recorded."));
    expect(await patterns()).toContain(null);
    await watched.open("/cases");
    await page.getByRole("link", { name: "Patterns", exact: true }).click();
    await page.getByRole("link", { name: `Case ${id}`, exact: true }).first().waitFor();
    const takeBack = page.getByRole("button", { name: /^Take back pattern/ });
    while ((await takeBack.count()) > 0) {
      const left = await takeBack.count();
      await takeBack.first().click();
      await page.waitForFunction((count) => document.querySelectorAll("td button").length < count, left);
    }
    expect(await patterns()).not.toContain(null);
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });

  it.each(["abc", "0", "999999999999999999999"])("/cases/%s is none", async (name) => {
    const browser = await open();
    const watched = await browser.page();
    await watched.open(`/cases/${name}`);
    await watched.page.getByText(`There is no case \u201c${name}\u201d`).waitFor();
    await watched.page.getByRole("link", { name: "To the inbox" }).click();
    await watched.page.getByRole("heading", { name: "Cases", exact: true }).waitFor();
    await browser.close();
  });
});
