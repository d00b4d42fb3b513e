import { describe, expect, it } from "vitest";
import { followedBy, rangeFilters } from "./queryFilters";

const kPanel = { filters: [], follows: { vendor: "vendor_name", department: "$department" }, parameters: { by: "line", department: "all" } };

describe("what a saved query takes of the page", () => {
  it("conditions on a column of its result", () => {
    expect(followedBy(kPanel, { filters: [{ column: "vendor", op: "in", values: ["A", "B|C"] }] })).toEqual({
      filters: ["vendor_name:in:A|B%7CC"], parameters: { by: "line", department: "all" }, ignored: [],
    });
    expect(followedBy(kPanel, { filters: [{ column: "vendor", op: "null", values: [] }] }).filters).toEqual(["vendor_name:null:"]);
  });

  it("one value for a parameter", () => {
    expect(followedBy(kPanel, { filters: [{ column: "department", op: "in", values: ["sales"] }] }).parameters)
      .toEqual({ by: "line", department: "sales" });
  });

  it("nothing that it does not follow, or that a parameter cannot hold", () => {
    const filters = [
      { column: "country", op: "eq" as const, values: ["DE"] },
      { column: "department", op: "in" as const, values: ["sales", "legal"] },
      { column: "department", op: "ne" as const, values: ["sales"] },
    ];
    expect(followedBy(kPanel, { filters })).toEqual({ filters: [], parameters: kPanel.parameters, ignored: filters });
  });

  it("its own conditions first, and the days of a range", () => {
    const own = [{ column: "state", op: "eq" as const, values: ["open"] }];
    expect(followedBy({ ...kPanel, filters: own }, { filters: [] }).filters).toEqual(["state:eq:open"]);
    expect(rangeFilters("due_on", "2025-01-01", null)).toEqual(["due_on:ge:2025-01-01"]);
    expect(rangeFilters("due_on", "2025-01-01", "2025-02-01")).toEqual(["due_on:ge:2025-01-01", "due_on:lt:2025-02-01"]);
  });
});
