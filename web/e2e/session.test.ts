// Signing in, moving about by keyboard, and what happens while the server works.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Browser } from "./browser";
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
