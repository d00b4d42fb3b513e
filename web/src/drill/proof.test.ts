import { describe, expect, it } from "vitest";
import { toText } from "../amounts/decimal";
import type { Metric } from "../charts/metricText";
import { measuredColumn, proofOf, sumsOf } from "./proof";

const kColumn = { type: "", kind: "decimal" as const, nullable: false, money: false, key: false, partition: false, description: "" };
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

function metric(sql: string, unit: Metric["unit"]): Metric {
  return {
    name: "m", title: "M", description: "", table: "t", unit, unit_name: "", better: "neither", time_column: null,
    dimensions: [], grains: [], sql, drillable: true, owner: "",
  };
}

describe("the proof of a number", () => {
  it("holds to the last digit, by currency", () => {
    const proof = proofOf(metric("sum(cost)", "money"), { amount: "0.3", currency: "USD" }, kTotal, kColumns, []);
    expect(proof?.column).toBe("cost");
    expect(proof?.difference.units).toBe(0n);
  });

  it("names the difference when the rows do not sum to it", () => {
    const proof = proofOf(metric("sum(cost)", "money"), { amount: "0.300001", currency: "USD" }, kTotal, kColumns, []);
    expect(proof === null ? "" : toText(proof.difference)).toBe("-0.000001");
  });

  it("sums quantities beyond 2^53 itself, once all rows are here", () => {
    const events = metric("sum(events)", "count");
    expect(proofOf(events, "9007199254741000", kTotal, kColumns, kRows.slice(0, 2))).toBeNull();
    expect(proofOf(events, "9007199254741000", kTotal, kColumns, kRows)?.difference.units).toBe(0n);
  });

  it("counts rows for a count", () => {
    expect(proofOf(metric("count(*)", "count"), "3", kTotal, kColumns, [])?.difference.units).toBe(0n);
    expect(proofOf(metric("count(*)", "count"), "4", kTotal, kColumns, [])?.difference.units).toBe(-1n);
  });

  it("takes a turned sign for agreement", () => {
    expect(proofOf(metric("sum(cost)", "money"), { amount: "-0.3", currency: "USD" }, kTotal, kColumns, [])?.difference.units).toBe(0n);
  });

  it("is not claimed for other measures", () => {
    expect(measuredColumn(metric("count(DISTINCT account_id)", "count"))).toBeNull();
    expect(proofOf(metric("count(DISTINCT account_id)", "count"), "2", kTotal, kColumns, kRows)).toBeNull();
  });

  it("keeps currencies apart in the sum of the rows shown", () => {
    expect(sumsOf(kColumns, kRows, null).map((each) => `${each.currency} ${toText(each.sum)}`)).toEqual(["USD 0.300000", "EUR 5.000000"]);
  });
});
