import { describe, expect, it } from "vitest";
import { add, compare, neededDigits, parseDecimal, percentOf, round, subtract, sum, toText, type Decimal } from "./decimal";

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === null) throw new Error(`not a decimal: ${text}`);
  return value;
}

describe("decimals", () => {
  it("keep every digit of an amount beyond what a Number holds", () => {
    const text = "12345678901234567890123456789.123456789";
    expect(toText(decimal(text))).toBe(text);
    expect(toText(add(decimal(text), decimal("0.000000001")))).toBe("12345678901234567890123456789.123456790");
  });

  it("add tenths to exactly one", () => {
    expect(toText(sum(Array.from({ length: 10 }, () => decimal("0.1"))))).toBe("1.0");
  });

  it("keep the sign of amounts between minus one and zero", () => {
    expect(toText(decimal("-0.05"))).toBe("-0.05");
    expect(toText(subtract(decimal("0.01"), decimal("0.06")))).toBe("-0.05");
  });

  it("compare by value, not by digits written", () => {
    expect(compare(decimal("1.0"), decimal("1.000"))).toBe(0);
    expect(compare(decimal("-2"), decimal("1.5"))).toBe(-1);
    expect(compare(decimal("0.10"), decimal("0.09"))).toBe(1);
  });

  it("round half away from zero", () => {
    expect(toText(round(decimal("2.345"), 2))).toBe("2.35");
    expect(toText(round(decimal("-2.345"), 2))).toBe("-2.35");
    expect(toText(round(decimal("2.3"), 2))).toBe("2.30");
  });

  it("know how many digits are needed", () => {
    expect(neededDigits(decimal("12.340000"))).toBe(2);
    expect(neededDigits(decimal("0.000000"))).toBe(0);
    expect(neededDigits(decimal("100"))).toBe(0);
  });

  it("refuse what is no plain decimal", () => {
    for (const text of ["", "1e5", "1,000", "NaN", "+1", ".5", "1.", "n.m.", " 1"]) {
      expect(parseDecimal(text), text).toBeNull();
    }
  });
});

describe("a share", () => {
  const percent = (part: string, whole: string): string | null => {
    const value = percentOf(decimal(part), decimal(whole));
    return value === null ? null : toText(value);
  };

  it("is rounded once, halves away from zero", () => {
    expect(percent("1", "3")).toBe("33.3");
    expect(percent("0.125", "100")).toBe("0.1");
    expect(percent("0.05", "100")).toBe("0.1");
    expect(percent("-0.05", "100")).toBe("-0.1");
    expect(percent("250.00", "250")).toBe("100.0");
  });

  it("of nothing is none", () => {
    expect(percent("1", "0")).toBe(null);
    expect(percent("1", "-5")).toBe(null);
  });
});
