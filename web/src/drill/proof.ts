// Whether rows sum to the number that was opened, to the last digit.
import type { Schemas } from "../api/client";
import { add, compare, kZero, parseDecimal, subtract, type Decimal } from "../amounts/decimal";
import { decimalOf, type Metric, type MetricValue } from "../charts/metricText";

type RowPage = Schemas["RowPage"];
type Row = RowPage["rows"][number];
type Column = Schemas["Column"];
type Money = Schemas["Money"];

export interface ColumnSum {
  readonly column: string;
  readonly currency: string; // "" of quantities
  readonly sum: Decimal;
}

export interface Proof {
  readonly column: string; // "" when rows are counted
  readonly sum: Decimal;
  readonly difference: Decimal;
}

function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "amount" in value && "currency" in value;
}

function decimalCell(value: Row[number] | undefined): Decimal | null {
  if (typeof value === "string") return parseDecimal(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return { units: BigInt(value), scale: 0 };
  return isMoney(value) ? parseDecimal(value.amount) : null;
}

/** The exact sums of the amount columns, and of `counted`, over the rows at hand. */
export function sumsOf(columns: readonly Column[], rows: readonly Row[], counted: string | null): ColumnSum[] {
  const sums = new Map<string, ColumnSum>();
  for (const [index, column] of columns.entries()) {
    if (!column.money && column.name !== counted) continue;
    for (const row of rows) {
      const cell = row[index];
      const value = decimalCell(cell);
      if (value === null) continue;
      const currency = isMoney(cell) ? cell.currency : "";
      const key = `${column.name}/${currency}`;
      sums.set(key, { column: column.name, currency, sum: add(sums.get(key)?.sum ?? kZero, value) });
    }
  }
  return [...sums.values()];
}

/** The column that the metric sums; "" when it counts rows; null for any other measure. */
export function measuredColumn(metric: Metric): string | null {
  const sql = metric.sql.trim();
  if (/^count\(\s*\*\s*\)$/i.test(sql)) return "";
  return /^sum\(\s*"?(\w+)"?\s*\)$/i.exec(sql)?.[1] ?? null;
}

/** Some metrics turn the sign of what they sum; the rows are then the number with the other sign. */
function differenceOf(sum: Decimal, value: Decimal): Decimal {
  return compare(add(sum, value), kZero) === 0 ? kZero : subtract(sum, value);
}

/** Sums of several pages as one. */
export function joinSums(pages: readonly (readonly ColumnSum[])[]): ColumnSum[] {
  const sums = new Map<string, ColumnSum>();
  for (const each of pages.flat()) {
    const key = `${each.column}/${each.currency}`;
    const before = sums.get(key);
    sums.set(key, before === undefined ? each : { ...before, sum: add(before.sum, each.sum) });
  }
  return [...sums.values()];
}

/** `sums` are of the `shown` rows. Null when the measure is no sum, or not all rows are here and the server gave no total of the column. */
export function proofOf(metric: Metric, opened: MetricValue, total: RowPage["total"], shown: number, sums: readonly ColumnSum[]): Proof | null {
  const value = decimalOf(opened);
  const column = measuredColumn(metric);
  if (value === null || column === null) return null;
  if (column === "") {
    const counted: Decimal = { units: BigInt(total.rows), scale: 0 };
    return { column, sum: counted, difference: subtract(counted, value) };
  }
  const currency = isMoney(opened) ? opened.currency : "";
  const stated = total.sums.find((each) => each.column === column && each.sum.currency === currency);
  // An amount beside the table's own comes as a plain decimal; its currency is a column of the row.
  const shownSum = [currency, ""].map((unit) => sums.find((each) => each.column === column && each.currency === unit)).find((each) => each !== undefined);
  const sum = stated !== undefined ? parseDecimal(stated.sum.amount)
    : total.rows === 0 ? kZero
    : shown === total.rows ? shownSum?.sum ?? null
    : null;
  return sum === null ? null : { column, sum, difference: differenceOf(sum, value) };
}

export type Verdict = "agrees" | "differs" | "open";

/** A change is proven when both sides are and it is their difference; `difference` is what is missing. */
export function changeVerdict(change: MetricValue, sides: readonly [MetricValue, MetricValue], proofs: readonly [Proof | null, Proof | null]): { verdict: Verdict; difference: Decimal } {
  const [stated, actual, compared] = [decimalOf(change), decimalOf(sides[0]), decimalOf(sides[1])];
  if (stated === null || actual === null || compared === null) return { verdict: "open", difference: kZero };
  const missing = [subtract(subtract(actual, compared), stated), ...proofs.map((proof) => proof?.difference ?? kZero)];
  const difference = missing.find((each) => compare(each, kZero) !== 0);
  if (difference !== undefined) return { verdict: "differs", difference };
  return { verdict: proofs.every((proof) => proof !== null) ? "agrees" : "open", difference: kZero };
}
