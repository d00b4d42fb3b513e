import { describe, expect, it } from "vitest";
import { filterText, kEmptyState, parseFilter, readState, toggleMember, writeState, type UrlState } from "./urlState";

describe("the address", () => {
  it("keeps everything that changes a number", () => {
    const state: UrlState = {
      release: 12, range: null, start: "2025-01-01", end: "2025-02-01", compare: "release:11", currency: "EUR",
      filters: [
        { column: "service_name", op: "in", values: ["Compute", "R&D | 50% & more", "a:b"] },
        { column: "region", op: "null", values: [] },
        { column: "account_id", op: "eq", values: ["<script>alert(1)</script>|%7C:x=1&y=2"] },
      ],
      unread: [],
    };
    expect(readState(writeState(state))).toEqual(state);
  });

  it("is empty when nothing is chosen", () => {
    expect(writeState(kEmptyState)).toBe("");
    expect(readState("")).toEqual(kEmptyState);
  });

  it("drops what makes no sense, and says so", () => {
    const state = readState("?release=-1&range=ever&start=2025-02-30&end=soon&compare=anything&filter=x&filter=a:like:b");
    const unread = ["release=-1", "range=ever", "start=2025-02-30", "end=soon", "compare=anything", "filter=x", "filter=a:like:b"];
    expect(state).toEqual({ ...kEmptyState, unread });
    expect(writeState(state)).toBe("");
  });
});

describe("filters", () => {
  it("tell a bar inside a value from the bar between values", () => {
    const filter = { column: "c", op: "in" as const, values: ["a|b", "100%", "%7C"] };
    expect(filterText(filter)).toBe("c:in:a%7Cb|100%25|%257C");
    expect(parseFilter(filterText(filter))).toEqual(filter);
  });

  it("grow and shrink by member", () => {
    const one = toggleMember([], "region", "eu");
    expect(one).toEqual([{ column: "region", op: "eq", values: ["eu"] }]);
    const two = toggleMember(one, "region", "us");
    expect(two).toEqual([{ column: "region", op: "in", values: ["eu", "us"] }]);
    expect(toggleMember(toggleMember(two, "region", "eu"), "region", "us")).toEqual([]);
    expect(toggleMember([], "region", null)).toEqual([{ column: "region", op: "null", values: [] }]);
  });
});
