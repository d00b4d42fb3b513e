// How long a person waits, over a large lake, in Debian's Chromium on loopback. Prints; decides nothing.
// BULLION names the program, BULLION_BENCH_PROJECT a cloud_cost project with a release; BULLION_BENCH_ACTS, a
// regular expression, takes only some acts.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Browser, type WatchedPage } from "../browser";
import { DashboardModel } from "../pages/dashboard";
import { programOf, startSite, type StartedSite } from "../site";
import { installStopwatch, type Loading, type Timing } from "./stopwatch";

const kRounds = 3;
const kLook = { width: 1440, theme: "light" } as const;
const kPages = ["/dashboards/summary", "/dashboards/services", "/dashboards/accounts", "/dashboards/regions",
  "/dashboards/charges", "/dashboards/running_total", "/dashboards/unit_cost", "/dashboards/restated_days",
  "/", "/tables/billing_events", "/releases", "/quality", "/quarantine", "/completeness", "/lineage", "/runs"];

let started: StartedSite;
async function serveAnew(): Promise<void> {
  const folder = process.env["BULLION_BENCH_PROJECT"];
  if (folder === undefined) throw new Error("BULLION_BENCH_PROJECT must name a cloud_cost project with a release");
  started = await startSite(programOf(), folder);
}
beforeAll(serveAnew);
afterAll(() => started.stop());

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function middle(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function ms(value: number): string {
  return value.toFixed(0).padStart(6);
}

/** A new browser has nothing kept: neither files nor answers. */
async function inNewBrowser<T>(act: (watched: WatchedPage) => Promise<T>): Promise<T> {
  const browser = await Browser.open(kLook, { site: started.site });
  const watched = await browser.page();
  await watched.page.addInitScript(installStopwatch);
  try {
    return await act(watched);
  } finally {
    await browser.close();
  }
}

function load(path: string): Promise<Loading> {
  return inNewBrowser(async (watched) => {
    await watched.open(path);
    return watched.page.evaluate(() => window.stopwatch.loading());
  });
}

async function timed(page: Page, act: () => Promise<void>): Promise<Timing> {
  await page.evaluate(() => window.stopwatch.begin());
  await act();
  return page.evaluate(() => window.stopwatch.timing());
}

/** One thing that a person does, on a dashboard that is shown already. */
interface Act {
  readonly name: string;
  readonly page: string;
  readonly search: string;
  readonly before?: (model: DashboardModel) => Promise<void>; // not timed
  readonly act: (model: DashboardModel) => Promise<void>;
}

async function range(model: DashboardModel, name: string): Promise<void> {
  await model.watched.page.getByRole("combobox", { name: /^Range/ }).selectOption(name);
}

async function controlClick(model: DashboardModel, title: string, y: number): Promise<void> {
  const { page } = model.watched;
  const box = await model.chart(title).boundingBox();
  if (box === null) throw new Error(`${title} is not shown`);
  await page.keyboard.down("Control");
  await page.mouse.click(box.x + box.width * 0.3, box.y + y);
  await page.keyboard.up("Control");
}

async function brush(model: DashboardModel, title: string): Promise<void> {
  const { mouse } = model.watched.page;
  const box = await model.chart(title).boundingBox();
  if (box === null) throw new Error(`${title} is not shown`);
  await mouse.move(box.x + box.width * 0.4, box.y + 100);
  await mouse.down();
  await mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 4 });
  await mouse.move(box.x + box.width * 0.6, box.y + 100, { steps: 4 });
  await mouse.up();
}

async function openMembers(model: DashboardModel, title: string): Promise<void> {
  await model.watched.page.locator("details.popover summary", { hasText: title }).click();
  await model.watched.page.locator("details.popover[open] input[type=checkbox]").first().waitFor();
  await model.watched.page.waitForLoadState("networkidle");
}

async function choose(model: DashboardModel, nth: number): Promise<void> {
  await model.watched.page.locator("details.popover[open] input[type=checkbox]").nth(nth).click();
}

function acts(page: string, bars: string, series: string, search: string, member: string): Act[] {
  return [
    { name: "range: last 7 days", page, search, act: (model) => range(model, "last_7_days") },
    { name: "range: all", page, search, act: (model) => range(model, "all") },
    { name: "compare: nothing", page, search, act: async (model) => { await model.watched.page.getByRole("combobox", { name: /^Compare with/ }).selectOption("none"); } },
    { name: `filter: ${member}`, page, search, before: (model) => openMembers(model, member), act: (model) => choose(model, 2) },
    {
      name: `filter: a second ${member.toLowerCase()}`, page, search,
      before: async (model) => { await openMembers(model, member); await choose(model, 2); await model.watched.settled(); },
      act: (model) => choose(model, 4),
    },
    { name: `cross-filter: ${bars}`, page, search, before: (model) => model.chart(bars).scrollIntoViewIfNeeded(), act: (model) => controlClick(model, bars, 15) },
    { name: `brush: ${series}`, page, search, before: (model) => model.chart(series).scrollIntoViewIfNeeded(), act: (model) => brush(model, series) },
  ];
}

const kActs: readonly Act[] = [
  ...acts("summary", "Largest services", "Cost per day", "?range=last_30_days", "Account"),
  ...acts("charges", "Cost by category", "Cost per week by category", "?range=last_30_days", "Account"),
  ...acts("charges", "Cost by category", "Cost per week by category", "?range=all", "Account").filter((each) => !each.name.startsWith("range: all")),
];

function perform(each: Act): Promise<Timing> {
  return inNewBrowser(async (watched) => {
    const model = new DashboardModel(watched);
    await model.open(each.page, each.search);
    await each.before?.(model);
    await watched.settled();
    return timed(watched.page, () => each.act(model));
  });
}

/** There and back again: the answers are in the page. */
function repeat(each: Act): Promise<Timing> {
  return inNewBrowser(async (watched) => {
    const model = new DashboardModel(watched);
    await model.open(each.page, each.search);
    await each.before?.(model);
    await watched.settled();
    await timed(watched.page, () => each.act(model));
    const { page } = watched;
    await page.evaluate(() => window.stopwatch.begin());
    await page.evaluate(() => { window.history.back(); });
    return page.evaluate(() => window.stopwatch.timing());
  });
}

describe("a person waits", () => {
  it("for a page", async () => {
    say("\npage, new browser each time             first contentful paint      numbers shown        requests");
    say(`                                         first  median    max      first  median    max`);
    for (const path of kPages) {
      const all: Loading[] = [];
      for (let round = 0; round <= kRounds; round += 1) all.push(await load(path));
      const [first, ...others] = all;
      const paints = others.map((each) => each.first_paint_ms);
      const numbers = others.map((each) => each.numbers_ms);
      say(`${path.padEnd(40)}${ms(first?.first_paint_ms ?? 0)}  ${ms(middle(paints))} ${ms(Math.max(...paints))}     ${ms(first?.numbers_ms ?? 0)}  ${ms(middle(numbers))} ${ms(Math.max(...numbers))}     ${ms(first?.requests ?? 0)}`);
    }
  });

  it("for new numbers", async () => {
    // Nothing that was asked for pages may be kept.
    started.stop();
    await serveAnew();
    say("\nact, until the new numbers are shown, ms                          cold (answers)   kept: median    max (longest task)   back");
    const chosen = new RegExp(process.env["BULLION_BENCH_ACTS"] ?? "");
    for (const each of kActs.filter((act) => chosen.test(`${act.page}${act.search} ${act.name}`))) {
      const cold = await perform(each);
      const kept: Timing[] = [];
      for (let round = 0; round < kRounds; round += 1) kept.push(await perform(each));
      const back = await repeat(each);
      const shown = kept.map((timing) => timing.shown_ms);
      const longest = Math.max(...kept.map((timing) => timing.longest_task_ms));
      say(`${`${each.page}${each.search} ${each.name}`.padEnd(66)}${ms(cold.shown_ms)} (${ms(cold.answer_ms)})         ${ms(middle(shown))} ${ms(Math.max(...shown))} (${ms(longest)})     ${ms(back.shown_ms)}`);
    }
  });
});
