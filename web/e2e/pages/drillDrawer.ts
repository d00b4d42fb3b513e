import type { Locator, Page } from "playwright-core";

/** The sheet with the rows behind a number. */
export class DrillDrawer {
  private readonly box: Locator;

  constructor(page: Page) {
    this.box = page.locator("dialog.drawer");
  }

  async opened(): Promise<void> {
    await this.box.getByTestId("drill-count").waitFor();
  }

  text(part: "number" | "sum" | "count" | "proof" | "actual" | "compared" | "change"): Promise<string> {
    return this.box.getByTestId(`drill-${part}`).innerText();
  }

  /** Loads every page; the sums beneath are then over all rows. */
  async loadAll(): Promise<void> {
    await this.box.getByRole("status").filter({ hasText: /rows shown$/ }).waitFor();
    const all = this.box.getByRole("button", { name: "Load all", exact: true });
    if (await all.isVisible()) await all.click();
    await this.box.getByRole("status").filter({ hasText: /^([\d,]+) of \1 rows shown$/ }).waitFor({ timeout: 60_000 });
  }

  /** Of a change: shows the rows of the other side. */
  async showSide(name: string): Promise<void> {
    await this.box.getByRole("button", { name: `Rows of ${name}`, exact: true }).click();
  }

  /** How many rows are in the page, whatever is loaded. */
  rowsDrawn(): Promise<number> {
    return this.box.locator("tbody tr:not(.space)").count();
  }

  async scrollToEnd(): Promise<void> {
    await this.box.evaluate((element) => { element.scrollTop = element.scrollHeight; });
  }

  /** The nth of all rows, when it is drawn. */
  row(nth: number): Locator {
    return this.box.locator(`tbody tr[aria-rowindex="${String(nth + 1)}"]`);
  }

  traceProof(): Promise<string> {
    return this.box.getByTestId("trace-proof").innerText();
  }

  /** The records in files that the trace ends at. */
  async records(): Promise<{ file: string; line: number; state: string; raw: string }[]> {
    const rows = this.box.getByRole("region", { name: "Records in files" }).locator("tbody tr");
    return rows.evaluateAll((all) => all.map((row) => {
      const cell = (label: string): string => row.querySelector(`td[data-label="${label}"]`)?.textContent ?? "";
      return { file: cell("File"), line: parseInt(cell("Line"), 10), state: cell("State"), raw: cell("As it was delivered") };
    }));
  }

  async column(name: string): Promise<string[]> {
    return this.box.locator(`tbody td[data-label="${name}"]`).allInnerTexts();
  }

  async foot(name: string): Promise<string> {
    return this.box.locator(`tfoot td[data-label="${name}"]`).innerText();
  }

  async traceFirstRow(): Promise<Locator> {
    await this.box.getByRole("button", { name: "Show the source of this row" }).first().click();
    await this.box.getByTestId("trace-proof").waitFor();
    return this.box;
  }

  async filterDashboard(): Promise<void> {
    await this.box.getByRole("button", { name: "Filter the dashboard" }).click();
  }

  async close(): Promise<void> {
    await this.box.page().keyboard.press("Escape");
    await this.box.waitFor({ state: "detached" });
  }
}
