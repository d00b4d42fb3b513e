// Real bills: those of mybinder.org, restated four times, and a FOCUS sample. They are not part of the
// repository: BULLION_SHARED_DATA names their folder, else shared/data beside the repository.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sum, toText } from "../src/amounts/decimal";
import { Browser } from "./browser";
import { amountIn, isSame, openEveryPage, proveNumber, read } from "./proof";
import { json, type Schemas } from "./server";
import { programOf, runner, startSite, type StartedSite } from "./site";

const kRoot = resolve(import.meta.dirname, "../..");
const kData = join(process.env["BULLION_SHARED_DATA"] ?? join(kRoot, "../shared/data"), "cloud_cost");
const kMissing = !existsSync(kData);
if (kMissing) process.stderr.write(`\n*** SKIPPED: no ${kData}; set BULLION_SHARED_DATA to the folder of public data ***\n`);

const kSnapshots = ["1_2018-02-07", "2_2018-04-05", "3_2018-04-05", "4_2018-05-18"];

/** Each export in a run of its own, so that each restates the one before. */
function makeMybinder(folder: string): void {
  cpSync(join(kRoot, "test/end_to_end/projects/mybinder"), folder, { recursive: true });
  mkdirSync(join(folder, "incoming"));
  for (const snapshot of kSnapshots) {
    const name = `snapshot_${snapshot}.csv.gz`;
    cpSync(join(kData, "mybinder_gcp_billing", name), join(folder, "incoming", name));
    runner(programOf())(["run", "--quiet"], folder);
  }
}

function makeFocus(folder: string): void {
  const run = runner(programOf());
  run(["init", "cloud_cost", folder, "--with", "focus", "--quiet"]);
  cpSync(join(kData, "focus_1_0_sample/focus_sample.csv.gz"), join(folder, "incoming/focus/focus-2024-10-31.csv.gz"));
  run(["run", "--quiet"], folder);
}

interface Real {
  readonly name: string;
  readonly make: (folder: string) => void;
  readonly number: Omit<Parameters<typeof proveNumber>[2], "search">;
  readonly table: string; // whose rows the metric sums
  readonly grain: readonly string[]; // that names one of them
  readonly totals: readonly (readonly [string, string])[]; // what is asked, the sum of the published file
}

const kReal: readonly Real[] = [
  {
    name: "mybinder.org", make: makeMybinder,
    number: { dashboard: "bill", panel: "Bill", metric: "bill", currency: "USD", column: "cost", field: "cost" },
    table: "daily_bill", grain: ["usage_date", "project_id", "category"],
    totals: [["release=1&range=all", "9218.024991"], ["release=2&range=all", "9702.837037"], ["release=3&range=all", "22199.200712"], ["release=4&range=all", "32464.863161"]],
  },
  {
    name: "FOCUS 1.0", make: makeFocus,
    number: { dashboard: "focus", panel: "FOCUS cost", metric: "focus_cost", currency: "USD", column: "total_cost", field: "BilledCost" },
    table: "focus_daily_cost", grain: ["billing_period_start", "charge_date", "billing_account_id", "sub_account_id", "service_name", "currency"],
    totals: [["release=1&range=all", "20.52022672899"]],
  },
];

function textOf(cell: Schemas["Cell"] | undefined): string {
  if (typeof cell === "object") return cell !== null && "amount" in cell ? cell.amount : "";
  return String(cell ?? "");
}

describe.skipIf(kMissing).each(kReal)("the real bills of $name", (real) => {
  let parent: string;
  let started: StartedSite;
  let browser: Browser;
  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), "bullion-real-"));
    real.make(join(parent, "lake"));
    started = await startSite(programOf(), join(parent, "lake"));
    browser = await Browser.open(undefined, { site: started.site });
  });
  afterAll(async () => {
    await browser.close();
    started.stop();
    rmSync(parent, { recursive: true, force: true });
  });

  it.each(real.totals)("are on the screen, in the API, the spreadsheet and the files: %s", async (search, total) => {
    const shown = await proveNumber(browser, started.site, { ...real.number, search });
    expect(toText(shown).replace(/0+$/, "")).toBe(total);
  });

  it("lead from each number to the lines of the files that sum to it, and to no other line", async () => {
    const { column, field = "" } = real.number;
    const { columns, rows } = await json<"RowPage">(`/tables/${real.table}/rows?release=1&limit=500`, started.site);
    const names = columns.map(({ name }) => name);
    const at = names.indexOf(column);
    for (const row of rows.filter((_, index) => index % 25 === 0)) {
      const filters = real.grain.map((name) => `filter=${encodeURIComponent(`${name}:eq:${textOf(row[names.indexOf(name)])}`)}`);
      const trace = await json<"Trace">(`/tables/${real.table}/trace?release=1&limit=200&${filters.join("&")}`, started.site);
      const asked = `${filters.join("&")} = ${textOf(row[at])}`;
      expect(trace.sums_agree, asked).toBe(true);
      expect(trace.limited, asked).toBe(false);
      expect(trace.records.length, asked).toBe(trace.levels[trace.levels.length - 2]?.rows);
      const delivered = sum(trace.records.map(({ file, line }) => amountIn(started.site, file, line, field)));
      expect(isSame(delivered, read(textOf(row[at]))), `${asked}, and ${toText(delivered)} in the files`).toBe(true);
    }
  }, 120_000);

  it("show on every page without a complaint", async () => {
    expect(await openEveryPage(browser, started.site)).toBeGreaterThan(12);
  }, 120_000);
});
