// Values of metrics as text and as decimals.
import type { Schemas } from "../api/client";
import { parseDecimal, sign, type Decimal } from "../amounts/decimal";
import { formatAmount, formatDecimal, formatPercent, kNotMeaningful, type NumberStyle } from "../amounts/format";
import { text } from "../text/catalogue";

export type Metric = Schemas["Metric"];
export type MetricRow = Schemas["MetricRow"];
export type MetricValues = Schemas["MetricValues"];
export type MetricValue = Schemas["MetricValue"];

export function decimalOf(value: MetricValue | undefined): Decimal | null {
  if (value === null || value === undefined) return null;
  return parseDecimal(typeof value === "string" ? value : value.amount);
}

export function currencyOf(row: MetricRow): string {
  return row.currency ?? "";
}

/** The digits and sign alone; the unit stands beside it. */
export function formatNumber(metric: Metric, value: Decimal, style: NumberStyle = {}): string {
  return metric.unit === "money" ? formatAmount(value, style) : formatDecimal(value, style);
}

/** A quotient of two amounts has a currency to be kept apart by, but is no amount itself. */
export function unitOf(metric: Metric, currency: string): string {
  return [metric.unit === "money" ? currency : "", metric.unit_name].filter((part) => part !== "").join(" ");
}

/** The exact value with its currency or unit. */
export function formatValue(metric: Metric, currency: string, value: Decimal | null, style: NumberStyle = {}): string {
  if (value === null) return text.panel.noValue;
  const unit = unitOf(metric, currency);
  return formatNumber(metric, value, style) + (unit === "" ? "" : ` ${unit}`);
}

export function formatGrowth(growth: string): string {
  return growth === kNotMeaningful ? growth : formatPercent(growth, { signed: true });
}

export type Judgement = "good" | "bad" | "neither";

export function judge(metric: Metric, change: Decimal | null): Judgement {
  if (change === null || metric.better === "neither" || sign(change) === 0) return "neither";
  return (sign(change) > 0) === (metric.better === "up") ? "good" : "bad";
}

/** A variance is judged by itself, any other number by how it changed. */
export function judgeRow(metric: Metric, row: MetricRow): Judgement {
  return judge(metric, decimalOf(metric.scenario === "variance" ? row.value : row.change));
}

/** F or U, for whoever sees no colours. */
export function letterOf(judgement: Judgement): string {
  return judgement === "good" ? text.panel.favourable : judgement === "bad" ? text.panel.unfavourable : "";
}

/** What the numbers of a metric are, beside them: AC, PL, FC. */
export function scenarioName(metric: Metric): string {
  return text.panel.scenarios[metric.scenario];
}

/** How a comparison is called beside numbers: PP, PY, R12. */
export function comparedName(compare: string | null): string {
  if (compare === null) return "";
  if (compare.startsWith("release:")) return text.panel.comparedRelease(compare.slice("release:".length));
  return text.panel.compared[compare] ?? compare;
}

export function memberName(member: string | null | undefined): string {
  if (member === null || member === undefined) return text.filters.missing;
  return member === "" ? '""' : member;
}
