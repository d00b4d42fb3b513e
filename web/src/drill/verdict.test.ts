import { describe, expect, it } from "vitest";
import { losesFilter, verdictOf } from "./verdict";

const level = { agrees: null, amount: "5.00", filter: { id: "A" }, conditions: [], by_key: false };

describe("a trace", () => {
  it("differs only where a sum was compared and differs", () => {
    const levels = [level, { ...level, agrees: true }];
    expect(verdictOf({ sums_agree: true, levels })).toBe("agrees");
    expect(verdictOf({ sums_agree: false, levels: [...levels, { ...level, agrees: false }] })).toBe("differs");
    expect(verdictOf({ sums_agree: false, levels: [...levels, level] })).toBe("uncompared");
    expect(verdictOf({ sums_agree: false, levels: [{ ...level, amount: null }, level] })).toBe("no_amount");
  });

  it("loses its filter at a level whose rows nothing chooses", () => {
    const free = { ...level, filter: {} };
    const sums_agree = false;
    expect(losesFilter({ sums_agree, levels: [level, level] })).toBe(false);
    expect(losesFilter({ sums_agree, levels: [level, { ...free, conditions: ["x = 1"] }, { ...free, by_key: true }] })).toBe(false);
    expect(losesFilter({ sums_agree, levels: [level, free, level] })).toBe(true);
    expect(losesFilter({ sums_agree, levels: [free, free] })).toBe(false);
  });
});
