// What a number is made of: the question to /metrics/{metric}/rows that gives exactly its rows.
import { intersect, periodOf, windowStart, type Grain } from "../time/dates";
import { memberFilter, type Filter } from "../view/urlState";
import type { Metric, MetricRow, MetricValue, MetricValues } from "./metricText";

export interface DrillTarget {
  readonly metric: Metric;
  readonly label: string; // what the number is, for a person
  readonly value: MetricValue;
  readonly rows: number | null; // null: not known before asking
  readonly release: number;
  readonly filters: readonly Filter[];
  readonly start: string | null;
  readonly end: string | null;
  readonly members: readonly { dimension: string; member: string | null }[]; // what a filter would take
}

/** The server says which rows are behind a value; older answers are taken apart here. */
export function targetOf(values: MetricValues, row: MetricRow, label: string): DrillTarget {
  const members = values.by.map((dimension) => ({ dimension, member: row.dimensions[dimension] ?? null }));
  const base = { metric: values.metric, label, value: row.value, rows: row.rows, release: values.release, members };
  if (row.rows_filter !== undefined) {
    return { ...base, filters: row.rows_filter, start: row.rows_start ?? null, end: row.rows_end ?? null };
  }
  const filters = [...values.filters, ...members.map((each) => memberFilter(each.dimension, each.member))];
  return { ...base, filters, ...rangeOf(values, row) };
}

function rangeOf(values: MetricValues, row: MetricRow): { start: string | null; end: string | null } {
  const whole = { start: values.start, end: values.end };
  if (row.time === null || values.grain === null) return whole;
  const grain = values.grain as Grain;
  const period = periodOf(row.time, grain);
  if (values.window !== null) return { start: windowStart(row.time, grain, values.window), end: period.end };
  return intersect(whole, period);
}

/** The rows behind the number that a total compares with, when one question can name them. */
export function comparedTarget(values: MetricValues, row: MetricRow, label: string): DrillTarget | null {
  const compare = values.compare;
  if (compare === null || row.compared === undefined || row.compared === null) return null;
  const own = targetOf(values, row, label);
  if (compare.startsWith("release:")) {
    return { ...own, value: row.compared, rows: null, release: Number(compare.slice("release:".length)) };
  }
  if (row.time !== null || values.compared_start === null || values.compared_end === null) return null;
  return { ...own, value: row.compared, rows: null, start: values.compared_start, end: values.compared_end };
}
