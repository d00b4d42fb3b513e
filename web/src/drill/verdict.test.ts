import { describe, expect, it } from "vitest";
import { verdictOf } from "./verdict";

const level = { agrees: null, amount: "5.00" };

describe("a trace", () => {
  it("differs only where a sum was compared and differs", () => {
    const levels = [level, { ...level, agrees: true }];
    expect(verdictOf({ sums_agree: true, levels })).toBe("agrees");
    expect(verdictOf({ sums_agree: false, levels: [...levels, { ...level, agrees: false }] })).toBe("differs");
    expect(verdictOf({ sums_agree: false, levels: [...levels, level] })).toBe("uncompared");
    expect(verdictOf({ sums_agree: false, levels: [{ ...level, amount: null }, level] })).toBe("no_amount");
  });
});
