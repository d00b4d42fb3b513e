// What a number is made of: the question to /metrics/{metric}/rows that gives exactly its rows.
import { intersect, periodOf, windowStart, type Grain } from "../time/dates";
import { filterText, memberFilter, type Filter } from "../view/urlState";
import { text } from "../text/catalogue";
import { comparedName, scenarioName, type Metric, type MetricRow, type MetricValue, type MetricValues } from "./metricText";

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
  readonly sides?: ChangeSides; // of a change: what it is the difference of
}

export interface ChangeSides {
  readonly actual: DrillTarget;
  readonly compared: DrillTarget;
  readonly actualName: string;
  readonly comparedName: string;
}

/** The server says which rows are behind a value; older answers are taken apart here. Null where no rows add up to it. */
export function targetOf(values: MetricValues, row: MetricRow, label: string): DrillTarget | null {
  if (!values.metric.drillable) return null;
  const members = values.by.filter((dimension) => dimension in row.dimensions)
    .map((dimension) => ({ dimension, member: row.dimensions[dimension] ?? null }));
  const base = { metric: values.metric, label, value: row.value, rows: row.rows, release: values.release, members };
  if (row.rows_filter !== undefined) {
    return { ...base, filters: row.rows_filter, start: row.rows_start ?? null, end: row.rows_end ?? null };
  }
  const filters = [...values.filters, ...members.map((each) => memberFilter(each.dimension, each.member))];
  return { ...base, filters, ...rangeOf(values, row) };
}

/** The row of what is not shown: `row`, of one member or of all, less the members that are. */
export function restOf(row: MetricRow, dimension: string, shown: readonly (string | null)[]): MetricRow {
  const { [dimension]: member, ...dimensions } = row.dimensions;
  const own = member === undefined ? "" : filterText(memberFilter(dimension, member));
  const others = shown.map((each): Filter => each === null ? { column: dimension, op: "notnull", values: [] } : { column: dimension, op: "ne", values: [each] });
  const kept = (row.rows_filter ?? []).filter((filter) => filterText(filter) !== own);
  return { ...row, dimensions, rows_filter: [...kept, ...others] };
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
  if (own === null) return null;
  if (compare.startsWith("release:")) {
    return { ...own, value: row.compared, rows: null, release: Number(compare.slice("release:".length)) };
  }
  if (row.time !== null || values.compared_start === null || values.compared_end === null) return null;
  return { ...own, value: row.compared, rows: null, start: values.compared_start, end: values.compared_end };
}

/** A change opens both sides, when each has one question that names its rows. Where a side has no rows it is zero. */
export function changeTarget(values: MetricValues, row: MetricRow, label: string): DrillTarget | null {
  const change = row.change ?? null;
  if (change === null) return null;
  const zero: MetricValue = typeof change === "string" ? "0" : { amount: "0", currency: change.currency };
  const names = { actualName: scenarioName(values.metric), comparedName: comparedName(values.compare) };
  const actual = targetOf(values, { ...row, value: row.value ?? zero }, `${label} · ${names.actualName}`);
  const compared = comparedTarget(values, { ...row, compared: row.compared ?? zero }, `${label} · ${names.comparedName}`);
  if (actual === null || compared === null) return null;
  return { ...actual, label: `${label} · ${text.panel.change}`, value: change, rows: null, sides: { actual, compared, ...names } };
}
