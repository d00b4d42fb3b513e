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
      name: "open", title: "Open", description: "", table: "t", unit: "quantity", unit_name: "", better: "neither", scenario: "actual", time_column: "day",
      dimensions: [{ name: "bucket", title: "Age", type: "VARCHAR" }], grains: [], sql: "sum(open)", drillable: true, owner: "",
    },
    release: 1, grain, by: ["bucket"], start: null, end: null, compare: null, compared_start: null, compared_end: null, window: null,
    filters: [], rows, members, totals: [], truncated: false, incomplete: false, summary: "",
  };
}

const kOrder = ["current", "1-30", "90+"];
const kRows = [row("2025-01-01", "90+", "9"), row("2025-01-01", "current", "5"), row("2025-01-01", "1-30", "7")];

function timeless(members: readonly [string, string][], more: Partial<MetricValues>): MetricValues {
  const rows = members.map(([bucket, value]) => ({ ...row(null, bucket, value), rows_filter: [{ column: "bucket", op: "eq" as const, values: [bucket] }] }));
  return { ...values(rows, null, {}), ...more };
}

function notDrillable(shown: MetricValues): MetricValues {
  return { ...shown, metric: { ...shown.metric, drillable: false } };
}

describe("a mark", () => {
  const kPlain = timeless([["a", "9"], ["b", "5"]], {});

  it("says nothing of a comparison where nothing is compared", () => {
    expect(chartModel("bar", [kPlain], "").marks[0]?.lines).toEqual(["9", "Share 1.0 %"]);
    const compared = { ...kPlain, compare: "prior_period" };
    expect(chartModel("bar", [compared], "").marks[0]?.lines).toEqual(["9", "Share 1.0 %", "PP no rows"]);
  });

  it("opens rows only where rows add up to it", () => {
    expect(chartModel("bar", [kPlain], "").marks[0]?.target?.filters).toEqual([{ column: "bucket", op: "eq", values: ["a"] }]);
    for (const kind of ["bar", "stacked", "heatmap", "waterfall"]) {
      expect(chartModel(kind, [notDrillable(kPlain)], "").marks.map((mark) => mark.target), kind).not.toContainEqual(expect.anything());
    }
  });
});

function ofScenario(shown: MetricValues, scenario: "plan" | "variance", title: string): MetricValues {
  return { ...shown, metric: { ...shown.metric, scenario, better: "down", title } };
}

describe("scenarios", () => {
  const kPlain = timeless([["a", "9"], ["b", "-5"]], { totals: [{ ...row(null, "", "4"), dimensions: {} }] });

  it("make a plan hollow beside what is", () => {
    const lanes = chartModel("column", [ofScenario(kPlain, "plan", "Budget"), kPlain], "").lanes;
    expect(lanes.map((lane) => [lane.name, lane.role])).toEqual([["Budget (PL)", "plan"], ["Open (AC)", "actual"]]);
    expect(chartModel("bar", [ofScenario(kPlain, "plan", "Budget")], "").lanes.map((lane) => [lane.name, lane.role])).toEqual([["PL", "plan"]]);
    expect(chartModel("column", [kPlain, kPlain], "").lanes.map((lane) => lane.role)).toEqual(["part", "part"]);
  });

  it("judge a variance by itself, in words too", () => {
    const variance = ofScenario(kPlain, "variance", "Variance");
    for (const kind of ["bar", "heatmap"]) {
      const model = chartModel(kind, [variance], "");
      expect([kind, model.judged, ...model.marks.map((mark) => mark.judgement)]).toEqual([kind, true, "bad", "good"]);
      expect(model.marks.map((mark) => mark.lines[0]), kind).toEqual(["+9 U", "\u22125 F"]);
    }
    expect(chartModel("heatmap", [kPlain], "").judged).toBe(false);
  });

  it("name the end of a bridge by what it is", () => {
    const variance = chartModel("waterfall", [ofScenario(kPlain, "variance", "Variance")], "");
    expect(variance.categories.map((each) => each.name)).toEqual(["a", "b", "Variance"]);
    expect(variance.marks.map((mark) => mark.judgement)).toEqual(["bad", "good", "bad"]);
  });
});

describe("what is not shown of many", () => {
  const total = { ...row(null, "", "20"), dimensions: {} };
  const notIn = (...members: string[]) => members.map((member) => ({ column: "bucket", op: "ne", values: [member] }));

  it("opens the rows of all others, under a bar", () => {
    const cut = timeless([["a", "9"], ["b", "5"]], { truncated: true, totals: [total] });
    const rest = chartModel("bar", [cut], "").marks.find((mark) => mark.role === "rest");
    expect(rest?.target).toMatchObject({ value: "6", filters: notIn("a", "b"), members: [] });
  });

  it("opens them of its own period, in a stack", () => {
    const names = Array.from({ length: 9 }, (_, index) => `b${String(index)}`);
    const rows = names.map((name, index) => ({
      ...row("2025-01-01", name, String(9 - index)), rows_start: "2025-01-01", rows_end: "2025-02-01",
      rows_filter: [{ column: "bucket", op: "eq" as const, values: [name] }],
    }));
    const rest = chartModel("stacked", [values(rows, "month", {})], "").marks.find((mark) => mark.role === "rest");
    expect(rest?.target).toMatchObject({ value: "3", filters: notIn(...names.slice(0, 7)), start: "2025-01-01", end: "2025-02-01", members: [] });
  });

  it("opens both sides of its change", () => {
    const rows = timeless([["a", "9"]], {}).rows.map((each) => ({ ...each, compared: "4", change: "5" }));
    const bridge = {
      ...timeless([], { compare: "prior_period", compared_start: "2024-01-01", compared_end: "2024-02-01", truncated: true }),
      rows, totals: [{ ...total, compared: "10", change: "10" }],
    };
    const rest = chartModel("waterfall", [bridge], "").marks.find((mark) => mark.role === "rest");
    expect(rest?.target?.value).toBe("5");
    expect(rest?.target?.sides?.actual).toMatchObject({ value: "11", filters: notIn("a") });
    expect(rest?.target?.sides?.compared).toMatchObject({ value: "6", filters: notIn("a"), start: "2024-01-01" });
  });
});

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
