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

  text(part: "number" | "sum" | "count" | "proof"): Promise<string> {
    return this.box.getByTestId(`drill-${part}`).innerText();
  }

  /** Loads every page; the sums beneath are then over all rows. */
  async loadAll(): Promise<void> {
    const more = this.box.getByRole("button", { name: "Load more" });
    while (await more.isVisible()) {
      const before = await this.box.locator("tbody tr").count();
      await more.click();
      await this.box.page().waitForFunction((count) => document.querySelectorAll("dialog.drawer tbody tr").length > count, before);
    }
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
