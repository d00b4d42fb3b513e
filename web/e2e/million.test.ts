// A million generated events: every page, the chain of a number, a hundred thousand rows behind one number,
// and a run that is started, watched and cancelled from the page.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "./browser";
import { DashboardModel } from "./pages/dashboard";
import { isSame, lineOf, openEveryPage, proveNumber, read, totalIn } from "./proof";
import { json } from "./server";
import { programOf, runner, startSite, type StartedSite } from "./site";

let parent: string;
let started: StartedSite;
let browser: Browser;
beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "bullion-million-"));
  const folder = join(parent, "lake");
  const run = runner(programOf());
  run(["init", "cloud_cost", folder, "--quiet"]);
  run(["generate", "cloud_cost", "--events", "1000000", "--days", "90", "--seed", "7", "--to", "incoming", "--quiet"], folder);
  run(["run", "--quiet"], folder);
  started = await startSite(programOf(), folder);
  browser = await Browser.open(undefined, { site: started.site });
}, 240_000);
afterAll(async () => {
  await browser.close();
  started.stop();
  rmSync(parent, { recursive: true, force: true });
});

describe("a million events", () => {
  it("show on every page without a complaint", async () => {
    expect(await openEveryPage(browser, started.site)).toBeGreaterThan(30);
  }, 240_000);

  it("sum to what the screen, the API and the spreadsheet say, down to a line of a file", async () => {
    await proveNumber(browser, started.site, {
      dashboard: "summary", search: "range=all&filter=account:eq:A3&filter=service:eq:Compute", panel: "Cost", metric: "cost", currency: "USD", column: "total_cost_usd",
    });
    await proveNumber(browser, started.site, {
      dashboard: "charges", search: "start=2025-02-03&end=2025-02-04&filter=account:eq:A3", panel: "Cost", metric: "charges", currency: "USD", column: "cost_usd",
    });
  }, 120_000);
});

describe("a hundred thousand rows behind a number", () => {
  it("are all there, sum to it, and few of them are drawn", async () => {
    const search = "start=2025-02-01&end=2025-02-11";
    const model = new DashboardModel(await browser.page());
    await model.open("charges", `?${search}&compare=none`);
    await model.figure("Cost").click();
    const { drawer } = model;
    await drawer.opened();
    const stated = totalIn(await json<"MetricValues">(`/metrics/charges/values?${search}`, started.site), "USD");
    const count = parseInt((await drawer.text("count")).replaceAll(",", ""), 10);
    expect(count).toBeGreaterThan(100_000);
    expect(isSame(read(await drawer.text("sum")), stated)).toBe(true);
    await drawer.loadAll();
    expect(isSame(read(await drawer.foot("cost_usd")), stated)).toBe(true);
    expect(await drawer.rowsDrawn()).toBeLessThan(2000);

    // The last row is reached like any other, and leads to its file.
    await drawer.scrollToEnd();
    const last = drawer.row(count);
    await last.waitFor();
    expect(await drawer.rowsDrawn()).toBeLessThan(2000);
    await last.getByRole("button", { name: "Show the source of this row" }).click();
    expect(await drawer.traceProof()).toContain("The sums agree on every level.");
    const [record] = await drawer.records();
    if (record === undefined) throw new Error("no record");
    expect(lineOf(started.site, record.file, record.line)).toBe(record.raw);
    expect(model.watched.complaints).toEqual([]);
    await model.watched.page.close();
  }, 180_000);
});

describe("a run", () => {
  it("is started, watched and cancelled in the browser, and publishes nothing", async () => {
    const before = await json<"Project">("/project", started.site);
    const watched = await browser.page();
    await watched.open("/runs");
    await watched.page.getByRole("checkbox").check();
    await watched.page.getByRole("button", { name: "Start a run" }).click();
    await watched.page.waitForURL(/\/runs\/.+/);
    await watched.page.getByRole("button", { name: "Cancel", exact: true }).click();
    await watched.page.locator("dd .status", { hasText: "cancelled" }).waitFor();
    expect(await watched.page.getByRole("button", { name: "Cancel", exact: true }).count()).toBe(0);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
    expect((await json<"Project">("/project", started.site)).latest_release).toBe(before.latest_release);
  }, 120_000);
});
