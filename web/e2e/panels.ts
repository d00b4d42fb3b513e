// Every panel of a dashboard against the API: what is on the screen is what was answered.
import { expect } from "vitest";
import { compare, type Decimal } from "../src/amounts/decimal";
import { DashboardModel } from "./pages/dashboard";
import { isSame, read } from "./proof";
import { json, type Schemas } from "./server";
import type { Site } from "./site";

type Panel = Schemas["Panel"];
type Values = Schemas["MetricValues"];
type Row = Values["rows"][number];

/** The days that all panels count: a named range, counted back from the last day of one metric where the file says so. */
async function daysOf(dashboard: Schemas["Dashboard"], site: Site): Promise<Record<string, string>> {
  const range = dashboard.default_range;
  if (dashboard.range_of === null || range === "all") return { range };
  const { start, end } = await json<"MetricValues">(`/metrics/${dashboard.range_of}/values?range=${range}`, site);
  if (start === null || end === null) throw new Error(`${dashboard.range_of} has no days`);
  return { start, end };
}

/** As the file of the dashboard says it, without what the page adds. */
function question(panel: Panel, days: Record<string, string>): string {
  const inTime = panel.grain !== null;
  const parts = new URLSearchParams(days);
  if (panel.by.length > 0) parts.set("by", panel.by.join(","));
  if (panel.grain !== null) parts.set("grain", panel.grain);
  if (panel.window !== null) parts.set("window", panel.window);
  if (panel.limit !== null && !inTime) parts.set("limit", String(panel.limit));
  if (panel.sort !== undefined && panel.sort !== null) parts.set("sort", panel.sort);
  for (const filter of panel.filters) parts.append("filter", [filter.column, filter.op, filter.values.join("|")].join(":"));
  return parts.toString();
}

function numberOf(row: Row): Decimal[] {
  if (row.value === null) return [];
  return [read(typeof row.value === "string" ? row.value : row.value.amount)];
}

function sorted(numbers: readonly Decimal[]): Decimal[] {
  return [...numbers].sort(compare);
}

async function shownIn(model: DashboardModel, panel: Panel): Promise<Decimal[]> {
  const box = model.panel(panel.title);
  if (panel.kind === "number") return [read(await box.locator(".figure-main").first().innerText())];
  if (panel.kind !== "table") {
    expect(await model.chart(panel.title).locator("svg path").count(), panel.title).toBeGreaterThan(0);
    await box.getByRole("button", { name: "Table", exact: true }).click();
  }
  const cells = await box.locator(["AC", "PL", "FC", "ΔPL"].map((name) => `tbody td[data-label^="${name}"]`).join(", ")).allInnerTexts();
  return cells.filter((text) => /\d/.test(text)).map(read);
}

/** Gives the titles of the panels that were compared; none is empty. */
export async function provePanels(model: DashboardModel, site: Site, name: string): Promise<string[]> {
  const dashboard = await json<"Dashboard">(`/dashboards/${name}`, site);
  const days = await daysOf(dashboard, site);
  await model.open(name);
  const titles: string[] = [];
  for (const panel of dashboard.rows.flat()) {
    if (panel.metrics.length === 0) continue;
    const answers = await Promise.all(panel.metrics.map((metric) =>
      json<"MetricValues">(`/metrics/${metric}/values?${question(panel, days)}`, site)));
    const stated = answers.flatMap((values) => (panel.kind === "number" ? values.totals : values.rows).flatMap(numberOf));
    const shown = await shownIn(model, panel);
    expect(shown.length, panel.title).toBeGreaterThan(0);
    expect(shown.length, panel.title).toBe(stated.length);
    const [left, right] = [sorted(shown), sorted(stated)];
    expect(left.every((each, index) => isSame(each, right[index] ?? each)), panel.title).toBe(true);
    titles.push(panel.title);
  }
  expect(model.watched.complaints).toEqual([]);
  return titles;
}
