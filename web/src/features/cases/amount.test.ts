import { describe, expect, it } from "vitest";
import { placesOf, readAmount } from "./amount";

describe("an amount as it is typed", () => {
  it.each([
    ["120.50", "120.50"], [" 120 ", "120"], ["1,200.50", "1200.50"], ["1,234,567", "1234567"], ["-5", "-5"], ["-1,000.00", "-1000.00"],
    ["007.10", "007.10"],
  ])("takes %s", (typed, amount) => {
    expect(readAmount(typed, 2)).toMatchObject({ amount, fault: null, isBelowZero: typed.startsWith("-") });
  });

  it.each(["120,50", "1.200,50", "1,20", "1,2000", ",500", "12,34,567", "1200,", "1,200,5", "1 200", "1e3", "+5", "--5", ".5", "5.", "", "ten", "12 EUR", "−5"])(
    "refuses %s, which it cannot read in one way", (typed) => {
      expect(readAmount(typed, 2).fault).toBe("form");
    });

  it("refuses zero, and more places than there are", () => {
    expect(readAmount("0.00", 2).fault).toBe("zero");
    expect(readAmount("1.234", 2).fault).toBe("places");
    // Where points group thousands this is 1500.
    expect(readAmount("1.500", 2).fault).toBe("places");
    expect(readAmount("1.234", 3).fault).toBeNull();
  });

  it("has the places of money, or those of the case", () => {
    const money = (amount: string) => ({ amount, currency: "EUR" });
    const of = (atRisk: string, confirmed: string | null, recovered: string): number =>
      placesOf({ at_risk: money(atRisk), confirmed: confirmed === null ? null : money(confirmed), recovered: money(recovered) });
    expect(of("100.00", null, "0.00")).toBe(2);
    expect(of("100.1234", null, "0.00")).toBe(4);
    expect(of("100.00", "0.125", "0.00")).toBe(3);
  });
});
