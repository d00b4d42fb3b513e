// Cases in the browser: a ledger with planted anomalies, and what people do with what was found.
import { AxeBuilder } from "@axe-core/playwright";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, kLooks, type Look } from "./browser";
import { json } from "./server";
import { programOf, runner, startSite, type StartedSite } from "./site";

let started: StartedSite;

beforeAll(async () => {
  const program = programOf();
  const folder = join(mkdtempSync(join(tmpdir(), "bullion-cases-")), "ledger");
  const run = runner(program);
  run(["init", "spend", folder]);
  mkdirSync(join(folder, "incoming"), { recursive: true });
  run(["generate", "spend", "--to", join(folder, "incoming"), "--quiet"], folder);
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
    for (const path of ["/cases", `/cases/${first}`, ...dashboards.map((each) => `/dashboards/${each.name}`)]) {
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

describe("the inbox", () => {
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
    expect(await page.getByRole("button", { name: "Dismiss", exact: true }).isDisabled()).toBe(true);
    await page.getByLabel("Owner").fill("ana");
    await does("Assign");
    await inState("Assigned");
    await does("Confirm");
    await inState("Confirmed");
    await does("Recover");
    await inState("Recovered");
    const history = (await json<"CaseDetail">(`/cases/${id}`, started.site)).history.map((each) => each.action);
    expect(history).toEqual(["opened", "assign", "confirm", "recover"]);
    await watched.open("/cases");
    await page.getByRole("button", { name: "Recovered", exact: true }).click();
    await page.getByRole("link", { name: `Case ${id}`, exact: true }).waitFor();
    expect(watched.complaints).toEqual([]);
    await browser.close();
  });

  it("is dismissed with a note, and a failure is told", async () => {
    const browser = await open();
    const watched = await browser.page();
    const { page } = watched;
    const list = await json<"CaseList">("/cases?detector=weekend_or_holiday", started.site);
    const id = list.cases[0]?.id ?? 0;
    await watched.open(`/cases/${id}`);
    await page.getByLabel("Note").fill("They work on Saturdays");
    await page.getByLabel("When it is dismissed").selectOption("subject");
    // Somebody else was faster.
    const { base, bearer } = started.site;
    for (const action of ["confirm", "recover"]) {
      const answer = await fetch(`${base}/api/v1/cases/${id}/actions`, {
        method: "POST", headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        body: JSON.stringify({ action }),
      });
      expect(answer.status).toBe(200);
    }
    await page.getByRole("button", { name: "Dismiss", exact: true }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toContain("recovered");
    await browser.close();
  });
});
