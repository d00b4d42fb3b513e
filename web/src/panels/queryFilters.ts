// What of a page's filters and range reaches the panel of a saved query, and what does not.
import { filterText, type Filter, type UrlState } from "../view/urlState";
import type { Panel } from "./panelData";

export interface Followed {
  /** Conditions on columns of the result, as the API takes them. */
  readonly filters: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  /** Filters of the page that the panel knows nothing of. */
  readonly ignored: readonly Filter[];
}

/** The one value that a parameter can take from a filter. */
function onlyValue(filter: Filter): string | null {
  const isOne = (filter.op === "eq" || filter.op === "in") && filter.values.length === 1;
  return isOne ? filter.values[0] ?? null : null;
}

export function followedBy(panel: Pick<Panel, "filters" | "follows" | "parameters">, state: Pick<UrlState, "filters">): Followed {
  const filters = panel.filters.map(filterText);
  const parameters: Record<string, string> = { ...panel.parameters };
  const ignored: Filter[] = [];
  for (const filter of state.filters) {
    const place = panel.follows[filter.column];
    const value = onlyValue(filter);
    if (place?.startsWith("$") === true && value !== null) parameters[place.slice(1)] = value;
    else if (place === undefined || place.startsWith("$")) ignored.push(filter);
    else filters.push(filterText({ ...filter, column: place }));
  }
  return { filters, parameters, ignored };
}

/** Conditions on a column of days, both ends as the page's metric resolved them. */
export function rangeFilters(column: string, start: string | null, end: string | null): string[] {
  return [
    ...(start === null ? [] : [filterText({ column, op: "ge", values: [start] })]),
    ...(end === null ? [] : [filterText({ column, op: "lt", values: [end] })]),
  ];
}
