// What a link holds: the release, the range, the comparison and the filters. Everything that changes a
// number on the page is in the address, so that whoever opens the link sees the same numbers.
import { isDay } from "../time/dates";
import type { Schemas } from "../api/client";

export type Filter = Schemas["Filter"];
export type FilterOp = Filter["op"];

export interface UrlState {
  readonly release: number | null; // null: the newest when the page was opened
  readonly range: RangeName | null; // instead of start and end; counted back from the last day with data
  readonly start: string | null;
  readonly end: string | null; // first day not counted
  readonly compare: string | null; // "none" hides the panels' own comparison
  readonly currency: string | null;
  readonly filters: readonly Filter[];
  readonly unread: readonly string[]; // what the address says and nobody understands, as `range=ever`
}

export const kEmptyState: UrlState = {
  release: null, range: null, start: null, end: null, compare: null, currency: null, filters: [], unread: [],
};

export const kRangeNames = [
  "all", "last_day", "last_7_days", "last_30_days", "last_90_days", "this_week", "this_month", "last_month",
  "this_quarter", "last_quarter", "last_12_months", "this_year", "last_year",
] as const;
export type RangeName = (typeof kRangeNames)[number];

export function isRangeName(text: string | null): text is RangeName {
  return text !== null && kRangeNames.some((name) => name === text);
}

const kOps: ReadonlySet<string> = new Set([
  "eq", "ne", "lt", "le", "gt", "ge", "in", "null", "notnull", "contains",
]);
const kCompare = /^(?:prior_period|prior_year|none|release:[1-9]\d*)$/;

function escapeValue(value: string): string {
  return value.replaceAll("%", "%25").replaceAll("|", "%7C");
}

function unescapeValue(value: string): string {
  return value.replaceAll(/%(7c|25)/gi, (_, code: string) => (code === "25" ? "%" : "|"));
}

/** The form of the API's `filter` parameter: `column:op:value`, values of `in` separated by `|`. */
export function filterText(filter: Filter): string {
  const values = filter.op === "in" ? filter.values.map(escapeValue).join("|") : (filter.values[0] ?? "");
  return `${filter.column}:${filter.op}:${values}`;
}

export function parseFilter(text: string): Filter | null {
  const first = text.indexOf(":");
  const second = text.indexOf(":", first + 1);
  if (first <= 0 || second < 0) return null;
  const op = text.slice(first + 1, second);
  if (!kOps.has(op)) return null;
  const value = text.slice(second + 1);
  const values = op === "in" ? value.split("|").map(unescapeValue) : op === "null" || op === "notnull" ? [] : [value];
  return { column: text.slice(0, first), op: op as FilterOp, values };
}

/** A parameter that was given and made nothing of the state. */
function unreadOf(parameters: URLSearchParams, state: UrlState): string[] {
  const known = { release: state.release, range: state.range, start: state.start, end: state.end, compare: state.compare };
  const single = Object.entries(known).filter(([name, value]) => (parameters.get(name) ?? "") !== "" && value === null)
    .map(([name]) => `${name}=${parameters.get(name) ?? ""}`);
  return [...single, ...parameters.getAll("filter").filter((filter) => parseFilter(filter) === null).map((filter) => `filter=${filter}`)];
}

export function readState(search: string): UrlState {
  const parameters = new URLSearchParams(search);
  const release = parameters.get("release") ?? "";
  const day = (name: string): string | null => {
    const text = parameters.get(name);
    return text !== null && isDay(text) ? text : null;
  };
  const range = parameters.get("range");
  const compare = parameters.get("compare");
  const currency = parameters.get("currency");
  const state: UrlState = {
    release: /^[1-9]\d{0,15}$/.test(release) ? Number(release) : null,
    range: isRangeName(range) ? range : null,
    start: day("start"),
    end: day("end"),
    compare: compare !== null && kCompare.test(compare) ? compare : null,
    currency: currency === "" ? null : currency,
    filters: parameters.getAll("filter").map(parseFilter).filter((filter) => filter !== null),
    unread: [],
  };
  return { ...state, unread: unreadOf(parameters, state) };
}

export function writeState(state: UrlState): string {
  const parameters = new URLSearchParams();
  if (state.release !== null) parameters.set("release", String(state.release));
  if (state.range !== null) parameters.set("range", state.range);
  if (state.start !== null) parameters.set("start", state.start);
  if (state.end !== null) parameters.set("end", state.end);
  if (state.compare !== null) parameters.set("compare", state.compare);
  if (state.currency !== null) parameters.set("currency", state.currency);
  for (const filter of state.filters) parameters.append("filter", filterText(filter));
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** The filter that holds for one member of a dimension; a missing member is a filter too. */
export function memberFilter(column: string, member: string | null): Filter {
  return member === null ? { column, op: "null", values: [] } : { column, op: "eq", values: [member] };
}

/** Adds a member to the column's filter, or takes it away when it is there. */
export function toggleMember(filters: readonly Filter[], column: string, member: string | null): Filter[] {
  const others = filters.filter((filter) => filter.column !== column);
  const own = filters.find((filter) => filter.column === column);
  if (member === null) return own?.op === "null" ? others : [...others, memberFilter(column, null)];
  const before = own !== undefined && (own.op === "eq" || own.op === "in") ? own.values : [];
  const after = before.includes(member) ? before.filter((each) => each !== member) : [...before, member];
  if (after.length === 0) return others;
  const filter: Filter =
    after.length === 1 ? { column, op: "eq", values: after } : { column, op: "in", values: after };
  return [...others, filter];
}
