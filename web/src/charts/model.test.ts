import { describe, expect, it } from "vitest";
import { chartModel } from "./model";
import type { MetricValues } from "./metricText";

type Row = MetricValues["rows"][number];

function row(time: string | null, bucket: string, value: string): Row {
  return {
    time, dimensions: { bucket }, currency: null, value, rows: 1, compared: null, change: null, growth: null, share: "1.0",
    rows_filter: [], rows_start: null, rows_end: null,
  };
}

function values(rows: Row[], grain: "month" | null, members: MetricValues["members"]): MetricValues {
  return {
    metric: {
      name: "open", title: "Open", description: "", table: "t", unit: "quantity", unit_name: "", better: "neither", time_column: "day",
      dimensions: [{ name: "bucket", title: "Age", type: "VARCHAR" }], grains: [], sql: "sum(open)", drillable: true, owner: "",
    },
    release: 1, grain, by: ["bucket"], start: null, end: null, compare: null, compared_start: null, compared_end: null, window: null,
    filters: [], rows, members, totals: [], truncated: false, incomplete: false, summary: "",
  };
}

const kOrder = ["current", "1-30", "90+"];
const kRows = [row("2025-01-01", "90+", "9"), row("2025-01-01", "current", "5"), row("2025-01-01", "1-30", "7")];

describe("the parts of a chart", () => {
  it("stand in the order of their own", () => {
    const model = chartModel("stacked", [values(kRows, "month", { bucket: kOrder })], "");
    expect(model.lanes.map((lane) => lane.name)).toEqual(kOrder);
    expect(model.marks.map((mark) => model.lanes[mark.lane]?.name)).toEqual(["90+", "current", "1-30"]);
    const heat = chartModel("heatmap", [values(kRows, "month", { bucket: kOrder })], "");
    expect(heat.lanes.map((lane) => lane.name)).toEqual(kOrder);
  });

  it("stand from the largest on where they have none", () => {
    const model = chartModel("stacked", [values(kRows, "month", {})], "");
    expect(model.lanes.map((lane) => lane.name)).toEqual(["90+", "1-30", "current"]);
  });

  it("are the largest of many, still in their order", () => {
    const names = Array.from({ length: 20 }, (_, index) => `b${String(index).padStart(2, "0")}`);
    const rows = names.map((name, index) => row("2025-01-01", name, String(index + 1)));
    const lanes = chartModel("stacked", [values(rows, "month", { bucket: names })], "").lanes.map((lane) => lane.name);
    const shown = lanes.slice(0, -1);
    expect(shown).toEqual([...shown].sort());
    expect(shown).toEqual(names.slice(names.length - shown.length));
  });
});
