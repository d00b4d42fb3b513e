// The chain that every number must stand: screen = rows on the screen = API = spreadsheet, and a row leads
// to the line of a file that was delivered.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { compare, parseDecimal, sum, toText, type Decimal } from "../src/amounts/decimal";
import { text } from "../src/text/catalogue";
import type { Browser } from "./browser";
import { DashboardModel } from "./pages/dashboard";
import { bytes, json, type Schemas } from "./server";
import type { Site } from "./site";
import { readSheet } from "./xlsx";

/** "1,234.50 USD", "−3.00" or "+3.00F" back into a decimal. */
export function read(shown: string): Decimal {
  const value = parseDecimal(shown.replaceAll(",", "").replace("\u2212", "-").replace("+", "").replace(/\s*[FU]?\s*([A-Z]{3}.*)?$/s, "").trim());
  if (value === null) throw new Error(`no number: ${shown}`);
  return value;
}

export function isSame(left: Decimal, right: Decimal): boolean {
  return compare(left, right) === 0;
}

export function totalIn(values: Schemas["MetricValues"], currency: string): Decimal {
  const total = values.totals.find((row) => row.currency === currency)?.value;
  return read(typeof total === "object" && total !== null ? total.amount : "");
}

/** The line of a delivered file, counted from 1, or of what is packed in it. */
export function lineOf(site: Site, file: string, line: number): string {
  const held = readFileSync(join(site.folder, file));
  const content = (file.endsWith(".gz") ? gunzipSync(held) : held).toString("utf8");
  return content.split(/\r?\n/)[line - 1] ?? "";
}

/** The fields of one CSV record on one line. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

/** What a line of a delivered CSV file says under a name of its header. */
export function amountIn(site: Site, file: string, line: number, field: string): Decimal {
  const at = fieldsOf(lineOf(site, file, 1)).indexOf(field);
  const amount = parseDecimal(fieldsOf(lineOf(site, file, line))[at] ?? "");
  if (amount === null) throw new Error(`${file}:${String(line)}: no amount in ${field}`);
  return amount;
}

/** A number in a cell is a binary one, of which a spreadsheet shows 15 digits. */
function asShown(cell: string): Decimal | null {
  if (!/^-?[\d.]+(E[-+]?\d+)?$/.test(cell)) return null;
  return parseDecimal(parseFloat(cell).toPrecision(15));
}

export interface Question {
  readonly dashboard: string;
  readonly search: string; // what the page and the API are both asked, without the "?"
  readonly panel: string;
  readonly metric: string;
  readonly currency: string;
  readonly column: string; // that the metric sums
  readonly field?: string; // of the delivered CSV: what a line says of the amount, read back from the file when given
}

/** Every step of the chain for the first figure of a number panel; gives the number. */
export async function proveNumber(browser: Browser, site: Site, asked: Question): Promise<Decimal> {
  const model = new DashboardModel(await browser.page());
  await model.open(asked.dashboard, `?${asked.search}&compare=none`);
  const shown = read(await model.figure(asked.panel).innerText());
  const stated = totalIn(await json<"MetricValues">(`/metrics/${asked.metric}/values?${asked.search}`, site), asked.currency);
  expect(isSame(shown, stated), asked.metric).toBe(true);
  const sheet = readSheet(await bytes(`/metrics/${asked.metric}/export?format=xlsx&${asked.search}`, site));
  expect(sheet.cells.flat().map(asShown).some((cell) => cell !== null && isSame(cell, shown)), JSON.stringify(sheet.cells)).toBe(true);

  await model.figure(asked.panel).click();
  const { drawer } = model;
  await drawer.opened();
  expect(isSame(read(await drawer.text("number")), shown)).toBe(true);
  expect(isSame(read(await drawer.text("sum")), shown)).toBe(true);
  expect(await drawer.text("proof")).toContain("The rows sum to the number.");
  await drawer.loadAll();
  const cells = (await drawer.column(asked.column)).map(read);
  expect(String(cells.length)).toBe((await drawer.text("count")).replaceAll(",", ""));
  expect(isSame(sum(cells), shown)).toBe(true);
  expect(isSame(read(await drawer.foot(asked.column)), shown)).toBe(true);

  await drawer.traceFirstRow();
  expect(await drawer.traceProof()).toContain("The sums agree on every level.");
  const records = await drawer.records();
  expect(records.length).toBeGreaterThan(0);
  for (const record of records.slice(0, 3)) expect(lineOf(site, record.file, record.line), `${record.file}:${String(record.line)}`).toBe(record.raw);
  if (asked.field !== undefined) {
    const field = asked.field;
    const delivered = sum(records.filter(({ state }) => state === text.drill.states.kept).map(({ file, line }) => amountIn(site, file, line, field)));
    expect(isSame(delivered, cells[0] ?? shown), `${toText(delivered)} in the files`).toBe(true);
  }
  expect(model.watched.complaints).toEqual([]);
  await model.watched.page.close();
  return shown;
}

const kPages: readonly string[] = ["/", "/metrics", "/tables", "/releases", "/releases/1", "/quality", "/quarantine", "/completeness", "/lineage", "/runs", "/sql"];

/** Every page, dashboard, metric and table: nothing fails, nothing is said on the console. */
export async function openEveryPage(browser: Browser, site: Site): Promise<number> {
  const { dashboards } = (await json<"Dashboard">("/dashboards", site)) as unknown as { dashboards: { name: string }[] };
  const { metrics } = (await json<"Metric">("/metrics", site)) as unknown as { metrics: { name: string }[] };
  const { tables } = (await json<"Table">("/tables", site)) as unknown as { tables: { name: string }[] };
  const paths = [
    ...kPages, ...dashboards.map((each) => `/dashboards/${each.name}?range=all`), ...metrics.map((each) => `/metrics/${each.name}`),
    ...tables.map((each) => `/tables/${each.name}`),
  ];
  const watched = await browser.page();
  for (const path of paths) {
    await watched.open(path);
    expect(await watched.page.locator(".failure").allInnerTexts(), path).toEqual([]);
    expect(watched.complaints, path).toEqual([]);
  }
  await watched.page.close();
  return paths.length;
}
