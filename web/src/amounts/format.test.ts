import { describe, expect, it } from "vitest";
import { parseDecimal, type Decimal } from "./decimal";
import { columnDigits, formatAmount, formatCount, formatMoney, formatPercent, formatShort, formatTick } from "./format";

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (value === null) throw new Error(`not a decimal: ${text}`);
  return value;
}

describe("amounts", () => {
  it("show every digit, and no zeros that say nothing", () => {
    expect(formatAmount(decimal("1234567.890000"), { locale: "en" })).toBe("1,234,567.89");
    expect(formatAmount(decimal("0.000123"), { locale: "en" })).toBe("0.000123");
    expect(formatAmount(decimal("5"), { locale: "en" })).toBe("5.00");
    expect(formatAmount(decimal("90071992547409930.01"), { locale: "en" })).toBe("90,071,992,547,409,930.01");
  });

  it("use the reader's separators and Latin digits", () => {
    expect(formatAmount(decimal("1234.5"), { locale: "de" })).toBe("1.234,50");
    expect(formatAmount(decimal("1234567.5"), { locale: "en-IN" })).toBe("12,34,567.50");
    expect(formatAmount(decimal("1234.5"), { locale: "ar-EG" })).toMatch(/^[0-9.,٫٬]+$/);
  });

  it("write minus as U+2212, also below one", () => {
    expect(formatAmount(decimal("-1234.5"), { locale: "en" })).toBe("\u22121,234.50");
    expect(formatAmount(decimal("-0.05"), { locale: "en" })).toBe("\u22120.05");
    expect(formatAmount(decimal("3"), { locale: "en", signed: true })).toBe("+3.00");
  });

  it("always name the currency", () => {
    expect(formatMoney({ amount: "12.34", currency: "EUR" }, { locale: "en" })).toBe("12.34 EUR");
  });

  it("align a column on its longest fraction", () => {
    expect(columnDigits([decimal("1.5"), decimal("2.125000")], 2)).toBe(3);
  });

  it("show percents as they come, and n.m. as it is", () => {
    expect(formatPercent("-3.4", { locale: "en" })).toBe("\u22123.4 %");
    expect(formatPercent("n.m.", { locale: "en" })).toBe("n.m.");
  });

  it("shorten labels to three digits", () => {
    expect(formatShort(decimal("1234.56"), "en")).toBe("1.23k");
    expect(formatShort(decimal("-12345678"), "en")).toBe("\u221212.3m");
    expect(formatShort(decimal("999.5"), "en")).toBe("1,000");
    expect(formatShort(decimal("12.340000"), "en")).toBe("12.34");
    expect(formatShort(decimal("0"), "en")).toBe("0");
  });

  it("write round numbers of an axis with as few digits as they have", () => {
    expect(formatTick(decimal("8000"), "en")).toBe("8k");
    expect(formatTick(decimal("2500000"), "en")).toBe("2.5m");
    expect(formatTick(decimal("-0.5"), "en")).toBe("\u22120.5");
  });

  it("group counts", () => {
    expect(formatCount(1234567, "en")).toBe("1,234,567");
  });
});
