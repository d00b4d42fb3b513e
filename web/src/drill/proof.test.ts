import { describe, expect, it } from "vitest";
import { kZero, parseDecimal, toText, type Decimal } from "../amounts/decimal";
import type { Metric } from "../charts/metricText";
import { changeVerdict, joinSums, measuredColumn, proofOf, sumsOf, type ColumnSum } from "./proof";

const kColumn = { type: "", kind: "decimal" as const, nullable: false, money: false, key: false, partition: false, description: "", references: null };
const kColumns = [
  { ...kColumn, name: "cost", type: "DECIMAL(38,6)", money: true },
  { ...kColumn, name: "events", type: "BIGINT", kind: "integer" as const },
];
const kRows = [
  [{ amount: "0.100000", currency: "USD" }, 3],
  [{ amount: "0.200000", currency: "USD" }, 4],
  [{ amount: "5.000000", currency: "EUR" }, "9007199254740993"],
];
const kTotal = {
  rows: 3,
  sums: [
    { column: "cost", sum: { amount: "0.300000", currency: "USD" }, rows: 2 },
    { column: "cost", sum: { amount: "5.000000", currency: "EUR" }, rows: 1 },
  ],
};

function parse(text: string): Decimal {
  return parseDecimal(text) ?? kZero;
}

function metric(sql: string, unit: Metric["unit"]): Metric {
  return {
    name: "m", title: "M", description: "", table: "t", unit, unit_name: "", better: "neither", scenario: "actual", time_column: null,
    dimensions: [], grains: [], sql, drillable: true, owner: "",
  };
}

describe("the proof of a number", () => {
  it("holds to the last digit, by currency", () => {
    const proof = proofOf(metric("sum(cost)", "money"), { amount: "0.3", currency: "USD" }, kTotal, 0, []);
    expect(proof?.column).toBe("cost");
    expect(proof?.difference.units).toBe(0n);
  });

  it("names the difference when the rows do not sum to it", () => {
    const proof = proofOf(metric("sum(cost)", "money"), { amount: "0.300001", currency: "USD" }, kTotal, 0, []);
    expect(proof === null ? "" : toText(proof.difference)).toBe("-0.000001");
  });

  it("sums quantities beyond 2^53 itself, once all rows are here", () => {
    const events = metric("sum(events)", "count");
    expect(proofOf(events, "9007199254741000", kTotal, 2, sumsOf(kColumns, kRows.slice(0, 2), "events"))).toBeNull();
    expect(proofOf(events, "9007199254741000", kTotal, 3, sumsOf(kColumns, kRows, "events"))?.difference.units).toBe(0n);
  });

  it("sums an amount beside the table's own, whose currency is a column of the row", () => {
    const columns = [{ ...kColumn, name: "at_risk", type: "DECIMAL(38,6)" }];
    const rows = [["0.100000"], ["0.200000"]];
    const total = { rows: 2, sums: [] };
    const atRisk = metric("sum(at_risk)", "money");
    expect(proofOf(atRisk, { amount: "0.3", currency: "EUR" }, total, 2, sumsOf(columns, rows, "at_risk"))?.difference.units).toBe(0n);
    expect(proofOf(atRisk, { amount: "0.3", currency: "EUR" }, total, 1, sumsOf(columns, rows, "at_risk"))).toBeNull();
  });

  it("counts rows for a count", () => {
    expect(proofOf(metric("count(*)", "count"), "3", kTotal, 0, [])?.difference.units).toBe(0n);
    expect(proofOf(metric("count(*)", "count"), "4", kTotal, 0, [])?.difference.units).toBe(-1n);
  });

  it("takes a turned sign for agreement", () => {
    expect(proofOf(metric("sum(cost)", "money"), { amount: "-0.3", currency: "USD" }, kTotal, 0, [])?.difference.units).toBe(0n);
  });

  it("is not claimed for other measures", () => {
    expect(measuredColumn(metric("count(DISTINCT account_id)", "count"))).toBeNull();
    expect(proofOf(metric("count(DISTINCT account_id)", "count"), "2", kTotal, 3, sumsOf(kColumns, kRows, "events"))).toBeNull();
  });

  it("sums pages to what their rows sum to at once", () => {
    const pages = [kRows.slice(0, 1), kRows.slice(1)].map((rows) => sumsOf(kColumns, rows, "events"));
    const texts = (sums: readonly ColumnSum[]): string[] => sums.map((each) => `${each.column} ${each.currency} ${toText(each.sum)}`).sort();
    expect(texts(joinSums(pages))).toEqual(texts(sumsOf(kColumns, kRows, "events")));
  });

  it("keeps currencies apart in the sum of the rows shown", () => {
    expect(sumsOf(kColumns, kRows, null).map((each) => `${each.currency} ${toText(each.sum)}`)).toEqual(["USD 0.300000", "EUR 5.000000"]);
  });
});

describe("the proof of a change", () => {
  const kAgrees = { column: "cost", sum: parse("0"), difference: parse("0") };
  const usd = (amount: string) => ({ amount, currency: "USD" });

  it("holds when both sides are proven and it is their difference", () => {
    expect(changeVerdict(usd("-0.200000"), [usd("0.1"), usd("0.3")], [kAgrees, kAgrees]).verdict).toBe("agrees");
  });

  it("names what is missing, of the difference or of a side", () => {
    const wrong = changeVerdict(usd("0.3"), [usd("0.5"), usd("0.1")], [kAgrees, kAgrees]);
    expect([wrong.verdict, toText(wrong.difference)]).toEqual(["differs", "0.1"]);
    const side = { ...kAgrees, difference: parse("-0.000001") };
    expect(changeVerdict(usd("0.4"), [usd("0.5"), usd("0.1")], [kAgrees, side]).verdict).toBe("differs");
  });

  it("stays open while a side is not summed", () => {
    expect(changeVerdict("4", ["5", "1"], [kAgrees, null]).verdict).toBe("open");
  });

  it("is zero on a side without rows", () => {
    const empty = proofOf(metric("sum(cost)", "money"), usd("0"), { rows: 0, sums: [] }, 0, []);
    expect(empty?.difference.units).toBe(0n);
  });
});
