// A value of a table as a reader sees it. Whatever it holds, it only ever becomes a text node.
import type { Schemas } from "../api/client";
import { parseDecimal, type Decimal } from "../amounts/decimal";
import { columnDigits, formatAmount, formatDecimal } from "../amounts/format";
import { text } from "../text/catalogue";
import { RowLink } from "./RowLink";

export type CellValue = Schemas["Cell"];
type Column = Schemas["Column"];
type Money = Schemas["Money"];

export function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "amount" in value && "currency" in value;
}

export function isNumeric(column: Column): boolean {
  return column.money || column.kind === "decimal" || column.kind === "integer" || column.kind === "float";
}

/** A key or an id is a name made of digits: nothing that is counted. */
export function isName(column: Pick<Column, "name" | "key">): boolean {
  return column.key || /(^|_)(key|id|hash)$/i.test(column.name);
}

/** The digits after the point that a column of amounts needs so that its rows align. */
export function cellDigits(column: Column, values: Iterable<CellValue | undefined>): number | undefined {
  if (!column.money && column.kind !== "decimal") return undefined;
  const decimals: Decimal[] = [];
  for (const value of values) {
    const decimal = isMoney(value) ? parseDecimal(value.amount) : typeof value === "string" ? parseDecimal(value) : null;
    if (decimal !== null) decimals.push(decimal);
  }
  return columnDigits(decimals, 2);
}

export function Cell({ value, column, digits }: { value: CellValue | undefined; column: Column; digits?: number | undefined }) {
  if (value === null || value === undefined) return <span class="muted">{text.tables.missing}</span>;
  if (column.references !== null && (typeof value === "string" || typeof value === "number")) {
    return <RowLink place={column.references} value={String(value)} />;
  }
  if (isMoney(value)) return <Amount money={value} {...(digits === undefined ? {} : { digits })} />;
  if (column.kind === "decimal" && typeof value === "string") {
    const decimal = parseDecimal(value);
    return decimal === null ? <>{value}</> : <>{formatDecimal(decimal, digits === undefined ? { least: 2 } : { digits })}</>;
  }
  if (column.kind === "integer") {
    const decimal = parseDecimal(String(value));
    return decimal === null || isName(column) ? <>{String(value)}</> : <>{formatDecimal(decimal)}</>;
  }
  if (column.kind === "timestamp") return <time>{String(value).replace("T", " ")}</time>;
  if (typeof value === "boolean") return <>{value ? text.tables.yes : text.tables.no}</>;
  if (Array.isArray(value) || typeof value === "object") return <>{JSON.stringify(value)}</>;
  return <>{String(value)}</>;
}

export function Amount({ money, digits, signed }: { money: Money; digits?: number; signed?: boolean }) {
  const decimal = parseDecimal(money.amount);
  const style = { ...(digits === undefined ? {} : { digits }), ...(signed === undefined ? {} : { signed }) };
  return (
    <span class="amount">
      {decimal === null ? money.amount : formatAmount(decimal, style)}
      <span class="currency"> {money.currency}</span>
    </span>
  );
}
