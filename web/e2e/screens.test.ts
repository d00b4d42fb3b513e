// What pages look like: see pictures.ts.
import { afterAll, beforeAll, describe, it } from "vitest";
import { Browser, kLooks } from "./browser";
import { looksAsBefore } from "./pictures";

const kScreens: readonly (readonly [string, string])[] = [
  ["summary", "/dashboards/summary?release=2&range=last_month"],
  ["running-total", "/dashboards/running_total?release=2&range=last_month"],
  ["table", "/tables/daily_account_cost?release=2&filter=usage_date:eq:2025-01-03&filter=total_cost_usd:gt:200"],
  ["completeness", "/completeness?release=2"],
];

describe.each(kLooks)("at $width pixels, $theme", (look) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.open(look);
  });
  afterAll(() => browser.close());

  it.each(kScreens)("%s looks as before", async (name, path) => {
    const watched = await browser.page();
    await watched.open(path);
    await looksAsBefore(watched, look, name);
    await watched.page.close();
  });
});
