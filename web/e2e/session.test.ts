// Signing in, moving about by keyboard, and what happens while the server works.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Browser } from "./browser";
import { json } from "./server";
import { DashboardModel } from "./pages/dashboard";

let browser: Browser;
beforeAll(async () => {
  browser = await Browser.open();
});
afterAll(() => browser.close());

describe("a stranger", () => {
  it("is asked for a token, and a wrong one is refused in words", async () => {
    const strange = await Browser.open({ width: 360, theme: "light" }, { signedIn: false });
    const watched = await strange.page();
    await watched.page.goto(`${inject("site").base}/dashboards/summary?token=wrong`);
    await watched.page.getByRole("alert").waitFor();
    expect(watched.page.url()).not.toContain("wrong");
    expect(await watched.page.getByRole("alert").innerText()).toContain("token");
    await watched.page.getByLabel("Token").fill("also wrong");
    await watched.page.getByRole("button", { name: "Sign in" }).click();
    await watched.page.getByRole("alert").waitFor();
    await strange.close();
  });
});

describe("the keyboard", () => {
  it("skips to the content and finds pages by name", async () => {
    const watched = await browser.page();
    await watched.open("/");
    await watched.page.keyboard.press("Tab");
    expect(await watched.page.evaluate(() => document.activeElement?.className)).toBe("skip");
    await watched.page.keyboard.press("Enter");
    expect(await watched.page.evaluate(() => document.activeElement?.id)).toBe("content");
    await watched.page.keyboard.press("Control+k");
    await watched.page.keyboard.type("quarant");
    await watched.page.keyboard.press("Enter");
    await watched.page.waitForURL(/\/quarantine/);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });
});

describe("a link", () => {
  it("keeps an old release and says that a newer one is there", async () => {
    const model = new DashboardModel(await browser.page());
    await model.open("summary", "?release=1&range=all&compare=none");
    const old = await model.figure("Cost").innerText();
    const bar = model.watched.page.locator(".stale");
    expect(await bar.innerText()).toContain("This page shows release 1.");
    await bar.getByRole("button").click();
    await model.watched.settled();
    await bar.waitFor({ state: "detached" });
    await model.watched.page.waitForFunction((text) => document.querySelector(".figure-main button")?.textContent !== text, old);
    expect(new URL(model.watched.page.url()).searchParams.get("release")).toBeNull();
    await model.watched.page.close();
  });
});

describe("an error", () => {
  it("is told with the request's number and a way to try again", async () => {
    const watched = await browser.page();
    await watched.page.goto(`${inject("site").base}/dashboards/nothing_like_this`);
    const box = watched.page.getByRole("alert");
    await box.waitFor();
    expect(await box.innerText()).toMatch(/Request \S+/);
    expect(await box.getByRole("button", { name: "Try again" }).isVisible()).toBe(true);
    await watched.page.close();
  });
});

describe("lineage", () => {
  it("shows what the columns of a table are made of, as the API does", async () => {
    const watched = await browser.page();
    await watched.open("/lineage");
    await watched.page.getByRole("button", { name: /^daily_account_cost,/ }).click();
    const table = watched.page.getByRole("table", { name: "Columns of daily_account_cost" });
    await table.waitFor();
    const { columns } = await json<"TableLineage">("/lineage/daily_account_cost");
    expect(await table.locator('td[data-label="Column"]').allInnerTexts()).toEqual(columns.map((each) => each.name));
    const cost = columns.findIndex((each) => each.name === "total_cost_usd");
    const input = columns[cost]?.inputs.find((each) => each.use === "aggregation");
    expect(await table.locator('td[data-label="Made of"]').nth(cost).innerText()).toContain(`${input?.table ?? "?"}.${input?.column ?? "?"}`);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });
});

describe("SQL", () => {
  it("reads, and refuses to write", async () => {
    const watched = await browser.page();
    await watched.open("/sql");
    const statement = watched.page.getByLabel("One SELECT over the tables of the release");
    await statement.fill("SELECT account_id, sum(total_cost_usd) AS cost FROM account_service_day_cost WHERE account_id = 'A1' GROUP BY ALL");
    await statement.press("Control+Enter");
    await watched.page.getByRole("cell", { name: "A1", exact: true }).first().waitFor();
    await statement.fill("DROP TABLE account_service_day_cost");
    await statement.press("Control+Enter");
    await watched.page.getByRole("alert").waitFor();
    await watched.page.close();
  });
});

describe("a run", () => {
  it("is started and watched to its end in the browser", async () => {
    const watched = await browser.page();
    await watched.open("/runs");
    await watched.page.getByRole("button", { name: "Start a run" }).click();
    await watched.page.waitForURL(/\/runs\/.+/);
    await watched.page.locator("dd .status", { hasText: /unchanged|published/ }).waitFor();
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });
});

describe("a chart", () => {
  it("is saved as a picture of what is seen", async () => {
    const model = new DashboardModel(await browser.page());
    await model.open("summary", "?release=2&range=last_month");
    const panel = model.panel("Cost per day");
    await panel.locator("details.menu summary").click();
    const coming = model.watched.page.waitForEvent("download");
    await panel.getByRole("button", { name: "PNG" }).click();
    const saved = await coming;
    expect(saved.suggestedFilename()).toMatch(/^panel\d+-r2\.png$/);
    const picture = PNG.sync.read(readFileSync(await saved.path()));
    expect(picture.width).toBe(1920);
    expect(picture.height).toBeGreaterThan(400);
    // Ink in the heading, in the middle (the lines) and at the foot (the days), on a white sheet.
    const inked = (from: number, to: number): number => {
      let count = 0;
      for (let at = from * picture.width * 4; at < to * picture.width * 4; at += 4) {
        if ((picture.data[at] ?? 255) < 160) count += 1;
      }
      return count;
    };
    expect(inked(0, 100)).toBeGreaterThan(500);
    expect(inked(150, picture.height - 120)).toBeGreaterThan(1000);
    expect(inked(picture.height - 120, picture.height - 40)).toBeGreaterThan(100);
    expect(Array.from(picture.data.subarray(0, 4))).toEqual([255, 255, 255, 255]);
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  });
});

describe("a dashboard's file", () => {
  const file = (): string => join(inject("site").folder, "dashboards/live.yml");
  const write = (title: string, panels: string): void => {
    writeFileSync(file(), `title: ${title}\ndescription: Made by a test.\nmetric: cost\ndefault_range: all\nrows:\n  - - ${panels}\n`);
  };
  afterAll(() => rmSync(file(), { force: true }));

  it("shows as soon as it is saved, and a mistake in it does no harm", async () => {
    const model = new DashboardModel(await browser.page());
    const { page } = model.watched;
    await model.open("summary", "?range=all");
    const link = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Before the edit" });
    expect(await link.count()).toBe(0);
    write("Before the edit", "{kind: number, title: First panel, metric: cost, width: 6}");
    await link.click();
    await model.panel("First panel").waitFor();
    const shown = await model.figure("First panel").innerText();

    write("After the edit", "{kind: number, title: Second panel, metric: cost, width: 6}\n    - {kind: bar, title: By account, metric: cost, by: [account], width: 6}");
    await page.getByRole("heading", { level: 1, name: "After the edit" }).waitFor();
    await model.panel("By account").getByRole("application").waitFor();
    expect(await model.panel("First panel").count()).toBe(0);
    await model.watched.settled();
    expect(await model.figure("Second panel").innerText()).toBe(shown);
    expect(model.watched.complaints).toEqual([]);

    write("With a mistake", "{kind: nmber, metric: cost, width: 6}");
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toContain("live");
    write("Mended", "{kind: number, title: Third panel, metric: cost, width: 6}");
    await model.panel("Third panel").waitFor();
    rmSync(file());
    await link.waitFor({ state: "detached" });
    await page.close();
  });
});
