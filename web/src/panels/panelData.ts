// What a panel asks the server for, from its definition and the state in the address.
import { api, unwrap, type Schemas } from "../api/client";
import { isRangeName, filterText, type Filter, type RangeName, type UrlState } from "../view/urlState";
import type { Grain, Range } from "../time/dates";
import type { Metric, MetricValues } from "../charts/metricText";

export type Panel = Schemas["Panel"];
export type Dashboard = Schemas["Dashboard"];

export interface ValueQuery {
  readonly release: number;
  readonly by?: string;
  readonly grain?: Grain;
  readonly start?: string;
  readonly end?: string;
  readonly range?: RangeName;
  readonly compare?: string;
  readonly window?: "mtd" | "qtd" | "ytd" | "ltm";
  readonly sort?: string;
  readonly limit?: number;
  readonly filter: string[];
}

const kSeriesKinds = new Set(["line", "column", "stacked", "heatmap", "calendar", "cumulative"]);

/** Only conditions on dimensions that the metric has fit: others would refuse the whole question. */
function fits(metric: Pick<Metric, "dimensions">, filter: Filter): boolean {
  return metric.dimensions.some((dimension) => dimension.name === filter.column);
}

/** Filters of the page that not every metric of a panel can follow. */
export function ignoredBy(metrics: readonly Pick<Metric, "dimensions">[], state: Pick<UrlState, "filters">): Filter[] {
  return state.filters.filter((filter) => metrics.some((metric) => !fits(metric, filter)));
}

/** Filters of the page that none of its panels can follow: they filter nothing. */
export function idleFilters(page: Pick<Dashboard, "rows">, metrics: ReadonlyMap<string, Pick<Metric, "dimensions">>, state: Pick<UrlState, "filters">): Filter[] {
  const follows = (panel: Panel, filter: Filter): boolean =>
    panel.follows[filter.column] !== undefined || panelMetrics(panel).some((name) => fits(metrics.get(name) ?? { dimensions: [] }, filter));
  return state.filters.filter((filter) => !page.rows.flat().some((panel) => follows(panel, filter)));
}

export function rangeQuery(state: UrlState, fallback: string): Pick<ValueQuery, "start" | "end" | "range"> {
  if (state.start !== null || state.end !== null) {
    return { ...(state.start === null ? {} : { start: state.start }), ...(state.end === null ? {} : { end: state.end }) };
  }
  if (state.range !== null) return { range: state.range };
  return isRangeName(fallback) ? { range: fallback } : {};
}

/** What of a page its panels look at. `days`: of its range, where they are the same for all. */
export type PanelPage = Pick<Dashboard, "metric" | "filters" | "default_range"> & { readonly days: Range | null };

/** The state as the panels of a page take it. */
export function stateOf(page: PanelPage, state: UrlState): UrlState {
  return page.days === null ? state : { ...state, range: null, start: page.days.start, end: page.days.end };
}

/** The days of the page's range where one metric counts for all panels; null where each counts its own. */
export async function daysOfPage(range: RangeName, metric: string, release: number, signal: AbortSignal): Promise<Range> {
  const query = { release, range, limit: 1 };
  const { start, end } = await unwrap(api.GET("/metrics/{metric}/values", { params: { path: { metric }, query }, signal }));
  return { start, end };
}

export function isRanged(range: ReturnType<typeof rangeQuery>): boolean {
  return range.start !== undefined || range.end !== undefined || (range.range !== undefined && range.range !== "all");
}

/** As the panel says; what compares with nothing has no change to sort by. */
function sortQuery(panel: Panel, series: boolean, compares: boolean): Pick<ValueQuery, "sort"> {
  const said = panel.sort ?? null;
  if (said !== null && (compares || !said.endsWith("change"))) return { sort: said };
  if (series || panel.by.length === 0) return {};
  return { sort: panel.kind === "waterfall" && compares ? "-change" : "-value" };
}

export function panelQuery(panel: Panel, metric: Metric, state: UrlState, release: number, defaultRange: string): ValueQuery {
  const compare = state.compare === "none" ? null : state.compare ?? panel.compare;
  const timed = metric.time_column !== null;
  const series = kSeriesKinds.has(panel.kind) && panel.grain !== null;
  // A limit on a time series would cut days, not members; the chart sums small members itself.
  const limit = series ? null : panel.limit;
  return {
    release,
    filter: [...panel.filters.map(filterText), ...state.filters.filter((filter) => fits(metric, filter)).map(filterText)],
    ...(panel.by.length === 0 ? {} : { by: panel.by.join(",") }),
    ...(panel.grain === null || !timed ? {} : { grain: panel.grain as Grain }),
    ...(timed ? rangeQuery(state, defaultRange) : {}),
    ...(compare === null || (!timed && !compare.startsWith("release:")) ? {} : { compare }),
    ...(panel.window === null || panel.grain === null ? {} : { window: panel.window as NonNullable<ValueQuery["window"]> }),
    ...(series ? { limit: 10000 } : limit === null ? {} : { limit }),
    ...sortQuery(panel, series, compare !== null),
  };
}

/** Values with the totals of the project's own currency first. */
export async function loadValues(metric: string, query: ValueQuery, own: string, signal: AbortSignal): Promise<MetricValues> {
  const values = await unwrap(api.GET("/metrics/{metric}/values", { params: { path: { metric }, query }, signal }));
  const totals = [...values.totals].sort((left, right) => Number(right.currency === own) - Number(left.currency === own));
  return { ...values, totals };
}

export function panelMetrics(panel: Panel): string[] {
  if (panel.metrics.length > 0) return panel.metrics;
  return panel.metric === null || panel.metric === "" ? [] : [panel.metric];
}
