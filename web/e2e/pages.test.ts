// Every page, in every look: loads, says nothing on the console, fits the width, passes axe.
import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks, type WatchedPage } from "./browser";
import { json } from "./server";

const kPages: readonly string[] = [
  "/", "/metrics", "/metrics/cost", "/tables", "/tables/account_service_day_cost?filter=usage_date:eq:2025-01-03&filter=total_cost_usd:gt:100", "/releases", "/releases/2", "/quality",
  "/quarantine", "/completeness", "/lineage", "/runs", "/sql", "/nowhere",
];

// Contrast is of the theme and structure of the width: two looks show every fault that four would.
const kAudited = new Set(["1440 light", "360 dark"]);

async function violations(watched: WatchedPage): Promise<string[]> {
  const result = await new AxeBuilder({ page: watched.page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  return result.violations
    .filter((each) => each.impact === "serious" || each.impact === "critical")
    .map((each) => `${each.id}: ${each.nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("; ")}`);
}

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.open(look);
  });
  afterAll(() => browser.close());

  async function isSound(path: string): Promise<void> {
    const watched = await browser.page();
    await watched.open(path);
    expect(await watched.title(), path).not.toBe("");
    expect(await watched.page.locator(".failure").allInnerTexts(), path).toEqual([]);
    expect(await watched.page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(look.width);
    expect(await watched.page.locator("html").getAttribute("lang")).toBe("en");
    expect(await watched.page.locator("html").getAttribute("data-theme")).toBe(look.theme);
    if (kAudited.has(`${String(look.width)} ${look.theme}`)) expect(await violations(watched), path).toEqual([]);
    expect(watched.complaints, path).toEqual([]);
    await watched.page.close();
  }

  it.each(kPages)("%s", (path) => isSound(path));

  it("every dashboard of the project", async () => {
    const answer = (await json<"Dashboard">("/dashboards")) as unknown as { dashboards: { name: string }[] };
    expect(answer.dashboards.length).toBeGreaterThan(4);
    for (const { name } of answer.dashboards) await isSound(`/dashboards/${name}`);
  }, 240_000);

  it("a run", async () => {
    const answer = (await json<"Run">("/runs")) as unknown as { runs: { id: string }[] };
    await isSound(`/runs/${encodeURIComponent(answer.runs[0]?.id ?? "")}`);
  });
});
