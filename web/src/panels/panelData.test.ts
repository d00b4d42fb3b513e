import { describe, expect, it } from "vitest";
import type { Filter } from "../view/urlState";
import { idleFilters, ignoredBy, type Dashboard } from "./panelData";

const department: Filter = { column: "department", op: "eq", values: ["D200"] };
const detector: Filter = { column: "detector", op: "eq", values: ["round_amount"] };
const nobodys: Filter = { column: "foo", op: "eq", values: ["1"] };

const dimension = (name: string) => ({ name, title: name, type: "VARCHAR" });
const spend = { dimensions: [dimension("department"), dimension("category")] };
const findings = { dimensions: [dimension("detector")] };

describe("a filter of the page", () => {
  it("is ignored by a panel whose metric lacks the dimension", () => {
    const state = { filters: [department, detector] };
    expect(ignoredBy([spend], state)).toEqual([detector]);
    expect(ignoredBy([findings], state)).toEqual([department]);
    expect(ignoredBy([spend, findings], state)).toEqual([department, detector]);
    expect(ignoredBy([spend], { filters: [] })).toEqual([]);
  });

  it("filters nothing when no panel knows it, neither its metric nor its saved query", () => {
    const panel = { metrics: [], metric: null, follows: {} };
    const page = { rows: [[{ ...panel, metric: "spend" }], [{ ...panel, metric: "findings" }, { ...panel, follows: { vendor: "company" } }]] } as unknown as Dashboard;
    const metrics = new Map([["spend", spend], ["findings", findings]]);
    const vendor: Filter = { column: "vendor", op: "eq", values: ["Alder"] };
    expect(idleFilters(page, metrics, { filters: [department, detector, vendor, nobodys] })).toEqual([nobodys]);
  });
});
