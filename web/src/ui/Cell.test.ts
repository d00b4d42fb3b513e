import { describe, expect, it } from "vitest";
import { isName } from "./Cell";

describe("a column of whole numbers", () => {
  it("holds names where it is a key or an id", () => {
    const named = (name: string) => isName({ name, key: false });
    expect(["invoice_key", "finding_id", "id", "row_hash"].map(named)).toEqual([true, true, true, true]);
    expect(["lines", "paid", "monkey", "days_gone"].map(named)).toEqual([false, false, false, false]);
    expect(isName({ name: "lines", key: true })).toBe(true);
  });
});
