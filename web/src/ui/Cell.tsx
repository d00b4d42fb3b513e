// A value of a table as a reader sees it. Whatever it holds, it only ever becomes a text node.
import type { Schemas } from "../api/client";
import { parseDecimal } from "../amounts/decimal";
import { formatAmount, formatDecimal } from "../amounts/format";
import { text } from "../text/catalogue";

export type CellValue = Schemas["Cell"];
type Column = Schemas["Column"];
type Money = Schemas["Money"];

export function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "amount" in value && "currency" in value;
}

/** Digits after the point of a decimal column, from its SQL type; null for other columns. */
export function scaleOf(column: Column): number | null {
  const match = /^DECIMAL\(\s*\d+\s*,\s*(\d+)\s*\)$/i.exec(column.type);
  return match === null ? null : Number(match[1]);
}

export function isNumeric(column: Column): boolean {
  return column.money || column.kind === "decimal" || column.kind === "integer" || column.kind === "float";
}

export function Cell({ value, column }: { value: CellValue | undefined; column: Column }) {
  if (value === null || value === undefined) return <span class="muted">{text.tables.missing}</span>;
  if (isMoney(value)) return <Amount money={value} />;
  if (column.kind === "decimal" && typeof value === "string") {
    const decimal = parseDecimal(value);
    return decimal === null ? <>{value}</> : <>{formatDecimal(decimal, { least: 2 })}</>;
  }
  if (column.kind === "integer") {
    const decimal = parseDecimal(String(value));
    return decimal === null || column.key ? <>{String(value)}</> : <>{formatDecimal(decimal)}</>;
  }
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
