import { describe, expect, it } from "vitest";
import { chosenInputs, verdictOf } from "./verdict";

const level = { agrees: null, amount: "5.00" };

describe("a trace", () => {
  it("differs only where a sum was compared and differs", () => {
    const levels = [level, { ...level, agrees: true }];
    expect(verdictOf({ sums_agree: true, levels })).toBe("agrees");
    expect(verdictOf({ sums_agree: false, levels: [...levels, { ...level, agrees: false }] })).toBe("differs");
    expect(verdictOf({ sums_agree: false, levels: [...levels, level] })).toBe("uncompared");
    expect(verdictOf({ sums_agree: false, levels: [{ ...level, amount: null }, level] })).toBe("no_amount");
  });

  it("gives up what was chosen below another choice", () => {
    const top = { inputs: ["plans", "bookings"] };
    const middle = { inputs: ["spend", "postings"] };
    const levels = [top, middle, { inputs: [] }];
    expect(chosenInputs(levels, middle, ["bookings"], "postings")).toEqual(["bookings", "postings"]);
    expect(chosenInputs(levels, middle, ["bookings", "postings"], "spend")).toEqual(["bookings", "spend"]);
    expect(chosenInputs(levels, top, ["bookings", "postings"], "plans")).toEqual(["plans"]);
    expect(chosenInputs(levels, top, ["bookings", "postings"], null)).toEqual([]);
  });
});
