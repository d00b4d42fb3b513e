import type { Locator } from "playwright-core";
import type { WatchedPage } from "../browser";
import { DrillDrawer } from "./drillDrawer";

export class DashboardModel {
  readonly drawer: DrillDrawer;

  constructor(readonly watched: WatchedPage) {
    this.drawer = new DrillDrawer(watched.page);
  }

  open(name: string, search = ""): Promise<void> {
    return this.watched.open(`/dashboards/${name}${search}`);
  }

  panel(title: string): Locator {
    return this.watched.page.locator(`section.panel[aria-label="${title}"]`);
  }

  chart(title: string): Locator {
    return this.panel(title).getByRole("application");
  }

  /** The first or the last mark of a chart, by keyboard. */
  async openMark(title: string, which: "Home" | "End"): Promise<void> {
    await this.chart(title).focus();
    await this.watched.page.keyboard.press(which);
    await this.watched.page.keyboard.press("Enter");
  }

  /** The first figure of a number panel. */
  figure(title: string): Locator {
    return this.panel(title).locator(".figure-main button.figure").first();
  }

  async asTable(title: string): Promise<Locator> {
    await this.panel(title).getByRole("button", { name: "Table", exact: true }).click();
    return this.panel(title).getByRole("table");
  }
}
