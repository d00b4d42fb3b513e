import { describe, expect, it } from "vitest";
import { chosenInputs } from "./through";

describe("a trace", () => {
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
