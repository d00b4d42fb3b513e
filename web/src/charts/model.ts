// From values of a metric to marks on a chart. Sums that are made here are exact; positions are not.
import { columnDigits, formatPercent } from "../amounts/format";
import { add, kZero, neededDigits, percentOf, subtract, sum, toPixels, toText, type Decimal } from "../amounts/decimal";
import { addDays, periodName, periodOf, weekday, type Grain } from "../time/dates";
import { text } from "../text/catalogue";
import {
  comparedName, currencyOf, decimalOf, formatGrowth, formatNumber, formatValue, judge, judgeRow, letterOf, memberName, scenarioName, unitOf,
  type Judgement, type Metric, type MetricRow, type MetricValue, type MetricValues,
} from "./metricText";
import { changeTarget, comparedTarget, restOf, targetOf, type DrillTarget } from "./target";

export type ChartKind = "line" | "column" | "stacked" | "bar" | "waterfall" | "heatmap";
export type Role = "actual" | "plan" | "forecast" | "compared" | "part" | "rest" | "total";

export interface Mark {
  readonly category: number;
  readonly lane: number; // the series; of a heat map: the row
  readonly value: Decimal | null;
  readonly from: Decimal; // where the bar begins; zero but in a waterfall
  readonly name: string;
  readonly lines: readonly string[]; // the exact number and what is beside it
  readonly judgement: Judgement;
  readonly role: Role;
  readonly target: DrillTarget | null;
  readonly after?: string; // behind the number at the mark
}

export interface Lane {
  readonly name: string;
  readonly role: Role;
  readonly color: number; // place in the palette
  readonly member: { dimension: string; member: string | null } | null;
}

export interface Category {
  readonly name: string;
  readonly member: { dimension: string; member: string | null } | null;
  readonly time: string | null;
}

export interface ChartModel {
  readonly kind: ChartKind;
  readonly unit: string;
  readonly grain: Grain | null; // of the categories, when they are periods
  readonly categories: readonly Category[];
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly judged: boolean; // the numbers are variances: each is good or bad by itself
  readonly labelOf: (value: Decimal) => string; // exact, without the unit
}

const kPartsMax = 7;

export function currencies(all: readonly MetricValues[]): string[] {
  const found = new Set<string>();
  for (const values of all) {
    for (const row of [...values.totals, ...values.rows]) found.add(currencyOf(row));
  }
  return [...found].sort();
}

interface Context {
  readonly values: MetricValues;
  readonly currency: string;
  readonly rows: readonly MetricRow[];
}

function contextOf(values: MetricValues, currency: string): Context {
  return { values, currency, rows: values.rows.filter((row) => currencyOf(row) === currency) };
}

function linesOf(context: Context, row: MetricRow): string[] {
  const { values, currency } = context;
  const judged = values.metric.scenario === "variance";
  const letter = judged ? letterOf(judgeRow(values.metric, row)) : "";
  const lines = [`${formatValue(values.metric, currency, decimalOf(row.value), { signed: judged })} ${letter}`.trim()];
  if (row.share !== undefined && row.share !== null && values.by.length > 0) {
    lines.push(`${text.panel.share} ${formatGrowth(row.share).replace("+", "")}`);
  }
  if (values.compare !== null) {
    lines.push(`${comparedName(values.compare)} ${formatValue(values.metric, currency, decimalOf(row.compared))}`);
  }
  const change = decimalOf(row.change);
  if (change !== null) lines.push(changeText(context, change, row.growth ?? null));
  return lines;
}

function changeText({ values, currency }: Context, change: Decimal, growth: string | null): string {
  const percent = growth === null ? "" : ` (${formatGrowth(growth)})`;
  return `Δ ${formatValue(values.metric, currency, change, { signed: true })}${percent} ${letterOf(judge(values.metric, change))}`.trim();
}

export function rowName(values: MetricValues, row: MetricRow): string {
  const parts = values.by.map((dimension) => memberName(row.dimensions[dimension]));
  if (row.time !== null && values.grain !== null) parts.unshift(periodName(row.time, values.grain as Grain));
  return parts.length === 0 ? values.metric.title : parts.join(" · ");
}

function markOf(context: Context, row: MetricRow, place: { category: number; lane: number; role: Role }): Mark {
  const name = rowName(context.values, row);
  return {
    ...place, name, from: kZero, value: decimalOf(row.value), lines: linesOf(context, row),
    judgement: judgeRow(context.values.metric, row), target: targetOf(context.values, row, name),
  };
}

function comparedMark(context: Context, row: MetricRow, place: { category: number; lane: number }): Mark {
  const name = `${rowName(context.values, row)} · ${comparedName(context.values.compare)}`;
  const value = decimalOf(row.compared);
  return {
    ...place, role: "compared", name, from: kZero, value, judgement: "neither",
    lines: [formatValue(context.values.metric, context.currency, value)],
    target: comparedTarget(context.values, row, name),
  };
}

/** How the numbers of a metric are drawn: what is planned is hollow, what is expected hatched. */
function roleOf(metric: Metric): Role {
  return metric.scenario === "plan" || metric.scenario === "forecast" ? metric.scenario : "actual";
}

function base(context: Context): Pick<ChartModel, "unit" | "judged" | "labelOf"> {
  const { metric } = context.values;
  const shown = context.rows.map((row) => decimalOf(row.value)).filter((value) => value !== null);
  const digits = columnDigits(shown, metric.unit === "money" ? 2 : 0);
  return { unit: unitOf(metric, context.currency), judged: metric.scenario === "variance" && metric.better !== "neither", labelOf: (value) => formatNumber(metric, value, { digits: Math.max(digits, neededDigits(value)) }) };
}

/** Members in the order that they have of their own, else by the size of what they sum to, largest first. */
function orderedMembers(context: Context, dimension: string): (string | null)[] {
  return context.values.members[dimension] ?? rankedMembers(context.rows, dimension);
}

/** Members by the size of what they sum to, largest first. */
function rankedMembers(rows: readonly MetricRow[], dimension: string): (string | null)[] {
  const totals = new Map<string | null, Decimal>();
  for (const row of rows) {
    const member = row.dimensions[dimension] ?? null;
    totals.set(member, add(totals.get(member) ?? kZero, decimalOf(row.value) ?? kZero));
  }
  return [...totals].sort((left, right) => toPixels(right[1]) - toPixels(left[1])).map(([member]) => member);
}

function periods(rows: readonly MetricRow[]): string[] {
  return [...new Set(rows.map((row) => row.time).filter((time) => time !== null))].sort();
}

const kFilledMax = 1000;

/** With the periods in between that have no row, so that a gap is seen as a gap. */
function filled(times: readonly string[], grain: Grain | null): string[] {
  const first = times[0];
  const last = times[times.length - 1];
  if (grain === null || first === undefined || last === undefined) return [...times];
  const all = new Set(times);
  for (let time = first; time < last && all.size < kFilledMax; time = periodOf(time, grain).end) all.add(time);
  return [...all].sort();
}

function timeCategories(times: readonly string[], grain: Grain): Category[] {
  return times.map((time) => ({ name: periodName(time, grain), member: null, time }));
}

function memberCategories(members: readonly (string | null)[], dimension: string): Category[] {
  return members.map((member) => ({ name: memberName(member), member: { dimension, member }, time: null }));
}

/** Lines and columns: periods (or members) from left to right; AC and what it compares with, or parts. */
function overTime(kind: "line" | "column" | "stacked", all: readonly MetricValues[], currency: string): ChartModel {
  const contexts = all.map((values) => contextOf(values, currency));
  const first = contexts[0];
  if (first === undefined) return emptyModel(kind);
  const grain = first.values.grain as Grain | null;
  const times = filled([...new Set(contexts.flatMap((context) => periods(context.rows)))].sort(), grain);
  const axis = first.values.by[0];
  const categories = grain !== null
    ? timeCategories(times, grain)
    : memberCategories(axis === undefined ? [] : [...new Set(first.rows.map((row) => row.dimensions[axis] ?? null))], axis ?? "");
  const placeOf = (row: MetricRow): number => grain !== null
    ? times.indexOf(row.time ?? "")
    : categories.findIndex((category) => category.member?.member === (row.dimensions[axis ?? ""] ?? null));
  const part = grain !== null ? axis : first.values.by[1];
  const model = { kind, grain, categories, ...base(first) };
  if (part !== undefined) return { ...model, ...partsOf(first, part, placeOf) };
  const lanes: Lane[] = [];
  const marks: Mark[] = [];
  const roles = all.map((values) => roleOf(values.metric));
  const againstPlan = roles.length > 1 && new Set(roles).size === roles.length;
  contexts.forEach((context, index) => {
    const { metric } = context.values;
    const role = contexts.length === 1 || againstPlan ? roleOf(metric) : "part";
    const name = contexts.length === 1 ? scenarioName(metric) : againstPlan ? `${metric.title} (${scenarioName(metric)})` : metric.title;
    const lane = lanes.push({ name, role, color: index, member: null }) - 1;
    for (const row of context.rows) marks.push(markOf(context, row, { category: placeOf(row), lane, role }));
  });
  if (contexts.length === 1 && first.values.compare !== null) {
    const lane = lanes.push({ name: comparedName(first.values.compare), role: "compared", color: 0, member: null }) - 1;
    for (const row of first.rows) marks.push(comparedMark(first, row, { category: placeOf(row), lane }));
  }
  return { ...model, lanes, marks };
}

/** One lane per member; the small ones are summed into the last. */
function partsOf(context: Context, dimension: string, placeOf: (row: MetricRow) => number): Pick<ChartModel, "lanes" | "marks"> {
  const largest = rankedMembers(context.rows, dimension);
  const kept = new Set(largest.length > kPartsMax + 1 ? largest.slice(0, kPartsMax) : largest);
  const shown = orderedMembers(context, dimension).filter((member) => kept.has(member));
  const lanes: Lane[] = shown.map((member, index) => ({
    name: memberName(member), role: "part", color: index, member: { dimension, member },
  }));
  const marks: Mark[] = [];
  const rest = new Map<number, MetricRow[]>();
  for (const row of context.rows) {
    const lane = shown.indexOf(row.dimensions[dimension] ?? null);
    const category = placeOf(row);
    if (lane >= 0) marks.push(markOf(context, row, { category, lane, role: "part" }));
    else rest.set(category, [...(rest.get(category) ?? []), row]);
  }
  if (rest.size > 0) {
    const lane = lanes.push({ name: text.panel.others, role: "rest", color: kPartsMax, member: null }) - 1;
    for (const [category, rows] of rest) {
      const value = sum(rows.map((row) => decimalOf(row.value) ?? kZero));
      marks.push(restMark(context, { category, lane, value, row: rows[0], dimension, shown }));
    }
  }
  return { lanes, marks };
}

interface Rest {
  readonly category: number;
  readonly lane: number;
  readonly value: Decimal;
  readonly row: MetricRow | undefined; // of the same place, of all members or of one that is not shown
  readonly dimension: string;
  readonly shown: readonly (string | null)[];
}

/** The members that are not shown, as one mark that opens the rows of them all. */
function restMark(context: Context, { category, lane, value, row, dimension, shown }: Rest): Mark {
  const { values, currency } = context;
  const target = row === undefined ? null
    : targetOf(values, { ...restOf(row, dimension, shown), value: measured(context, value) }, text.panel.others);
  return {
    category, lane, value, from: kZero, name: text.panel.others, role: "rest", judgement: "neither",
    target: target === null ? null : { ...target, rows: null }, lines: [formatValue(values.metric, currency, value)],
  };
}

/** An exact sum as the API would give it. */
function measured({ values, currency }: Pick<Context, "values" | "currency">, value: Decimal): MetricValue {
  const amount = toText(value);
  return values.metric.unit === "money" ? { amount, currency } : amount;
}

function membersShown(context: Context, dimension: string): (string | null)[] {
  return context.rows.map((row) => row.dimensions[dimension] ?? null);
}

function totalRow(context: Context): MetricRow | undefined {
  return context.values.totals.find((row) => currencyOf(row) === context.currency);
}

/** Horizontal bars by member, with the exact rest when the answer was cut. */
function bars(values: MetricValues, currency: string): ChartModel {
  const context = contextOf(values, currency);
  const dimension = values.by[0] ?? "";
  const categories: Category[] = context.rows.map((row) => {
    const member = row.dimensions[dimension] ?? null;
    return { name: rowName(values, row), member: dimension === "" ? null : { dimension, member }, time: null };
  });
  const role = roleOf(values.metric);
  const lanes: Lane[] = [{ name: scenarioName(values.metric), role, color: 0, member: null }];
  const marks = context.rows.map((row, category) => markOf(context, row, { category, lane: 0, role }));
  const total = decimalOf(totalRow(context)?.value);
  if (values.truncated && total !== null && adds(context)) {
    const rest = subtract(total, sum(context.rows.map((row) => decimalOf(row.value) ?? kZero)));
    const category = categories.push({ name: text.panel.others, member: null, time: null }) - 1;
    marks.push(restMark(context, { category, lane: 0, value: rest, row: totalRow(context), dimension, shown: membersShown(context, dimension) }));
  }
  if (values.compare !== null) {
    lanes.push({ name: comparedName(values.compare), role: "compared", color: 0, member: null });
    context.rows.forEach((row, category) => marks.push(comparedMark(context, row, { category, lane: 1 })));
  }
  return { kind: "bar", grain: null, categories, lanes, marks, ...base(context) };
}

/** In percent of the total: what each row and those above it sum to. Null where there are no such shares. */
export function runningShares(values: MetricValues, currency: string): (string | null)[] {
  const context = contextOf(values, currency);
  const total = decimalOf(totalRow(context)?.value);
  let running = kZero;
  return context.rows.map((row) => {
    running = add(running, decimalOf(row.value) ?? kZero);
    const percent = total === null || !adds(context) ? null : percentOf(running, total);
    return percent === null ? null : toText(percent);
  });
}

/** Bars from the largest on, each with what it and those above it are of the total. */
function pareto(values: MetricValues, currency: string): ChartModel {
  const model = bars(values, currency);
  const shares = runningShares(values, currency);
  const marks = model.marks.map((mark) => {
    const share = mark.role === "rest" ? "100.0" : mark.lane === 0 ? shares[mark.category] ?? null : null;
    if (share === null) return mark;
    const shown = formatPercent(share);
    return { ...mark, after: ` · ${shown}`, lines: [...mark.lines, `${text.panel.cumulative} ${shown}`] };
  });
  return { ...model, marks };
}

/** Whether the parts sum to the total: then each has a share. */
function adds(context: Context): boolean {
  return context.rows.every((row) => row.share !== undefined && row.share !== null);
}

/** From what it compares with, over the change of each member, to the actual total. */
function waterfall(values: MetricValues, currency: string): ChartModel {
  const context = contextOf(values, currency);
  const total = totalRow(context);
  const compares = values.compare !== null;
  const categories: Category[] = [];
  const marks: Mark[] = [];
  let level: Decimal = compares ? decimalOf(total?.compared) ?? kZero : kZero;
  const lanes: Lane[] = [
    { name: text.panel.total, role: "total", color: 0, member: null },
    { name: text.panel.change, role: "actual", color: 0, member: null },
  ];
  const put = (name: string, mark: Omit<Mark, "category" | "lane">, member: Category["member"]): void => {
    const category = categories.push({ name, member, time: null }) - 1;
    marks.push({ ...mark, category, lane: mark.role === "actual" || mark.role === "rest" ? 1 : 0 });
  };
  if (compares && total !== undefined) put(comparedName(values.compare), comparedMark(context, total, { category: 0, lane: 0 }), null);
  for (const row of context.rows) {
    const step = decimalOf(compares ? row.change : row.value) ?? kZero;
    const dimension = values.by[0];
    const member = dimension === undefined ? null : { dimension, member: row.dimensions[dimension] ?? null };
    const mark = markOf(context, row, { category: 0, lane: 1, role: "actual" });
    // The step is a difference; where its other side has no rows to show, the label says what is shown.
    const target = mark.target === null || !compares ? mark.target
      : changeTarget(values, row, mark.name) ?? { ...mark.target, label: `${mark.name} · ${text.panel.actual}` };
    put(rowName(values, row), { ...mark, target, from: level, value: step }, member);
    level = add(level, step);
  }
  const end = decimalOf(total?.value);
  if (total !== undefined && end !== null) {
    const rest = subtract(end, level);
    if (rest.units !== 0n && adds(context)) {
      put(text.panel.others, { ...restStep(context, total, rest), from: level }, null);
    }
    const last = markOf(context, total, { category: 0, lane: 0, role: "total" });
    put(compares ? scenarioName(values.metric) : values.metric.title, compares ? { ...last, judgement: "neither" } : last, null);
  }
  return { kind: "waterfall", grain: null, categories, lanes, marks, ...base(context) };
}

/** What the members that are not shown add; of a change both sides open. */
function restStep(context: Context, total: MetricRow, step: Decimal): Mark {
  const { values } = context;
  const dimension = values.by[0] ?? "";
  const shown = membersShown(context, dimension);
  const mark = restMark(context, { category: 0, lane: 1, value: step, row: total, dimension, shown });
  if (values.compare === null) return mark;
  const less = (side: (row: MetricRow) => MetricValue | undefined): MetricValue =>
    measured(context, subtract(decimalOf(side(total)) ?? kZero, sum(context.rows.map((row) => decimalOf(side(row)) ?? kZero))));
  const row = { ...restOf(total, dimension, shown), value: less((each) => each.value), compared: less((each) => each.compared), change: measured(context, step) };
  return { ...mark, target: changeTarget(values, row, text.panel.others) };
}

/** Two dimensions, or periods against members; darker is more, of variances in the colour of good or bad. */
function heatmap(values: MetricValues, currency: string): ChartModel {
  const context = contextOf(values, currency);
  const grain = values.grain as Grain | null;
  const [first, second] = values.by;
  const down = grain === null ? second ?? first ?? "" : first ?? "";
  const lanes: Lane[] = orderedMembers(context, down).map((member) => ({
    name: memberName(member), role: "part", color: 0, member: { dimension: down, member },
  }));
  const times = periods(context.rows);
  const categories = grain !== null ? timeCategories(times, grain)
    : memberCategories(orderedMembers(context, first ?? ""), first ?? "");
  const marks = context.rows.map((row) => markOf(context, row, {
    category: grain !== null ? times.indexOf(row.time ?? "")
      : categories.findIndex((category) => category.member?.member === (row.dimensions[first ?? ""] ?? null)),
    lane: lanes.findIndex((lane) => lane.member?.member === (row.dimensions[down] ?? null)),
    role: "part",
  }));
  return { kind: "heatmap", grain, categories, lanes, marks, ...base(context) };
}

/** Days as weeks from left to right and weekdays from top to bottom. */
function calendar(values: MetricValues, currency: string): ChartModel {
  const context = contextOf(values, currency);
  const days = periods(context.rows);
  const weeks = [...new Set(days.map((day) => addDays(day, -weekday(day))))].sort();
  const lanes: Lane[] = text.panel.weekdays.map((name) => ({ name, role: "part", color: 0, member: null }));
  const categories: Category[] = weeks.map((week) => ({ name: week, member: null, time: week }));
  const marks = context.rows.flatMap((row) => row.time === null ? [] : [markOf(context, row, {
    category: weeks.indexOf(addDays(row.time, -weekday(row.time))), lane: weekday(row.time), role: "part",
  })]);
  return { kind: "heatmap", grain: "week", categories, lanes, marks, ...base(context) };
}

/** Running totals: the server's when a window was asked for, else exact sums from the first period on. */
function cumulative(all: readonly MetricValues[], currency: string): ChartModel {
  const model = overTime("line", all, currency);
  const values = all[0];
  if (values === undefined || values.window !== null) return model;
  const running = model.lanes.map(() => kZero);
  const starts = model.lanes.map((): string | null => null);
  const marks = [...model.marks].sort((left, right) => left.category - right.category).map((mark) => {
    const level = add(running[mark.lane] ?? kZero, mark.value ?? kZero);
    running[mark.lane] = level;
    starts[mark.lane] ??= mark.target?.start ?? null;
    const target = mark.target === null || mark.role === "compared" ? null : {
      ...mark.target, start: starts[mark.lane] ?? null, rows: null, value: measured({ values, currency }, level),
    };
    return { ...mark, value: level, target, lines: [formatValue(values.metric, currency, level), text.panel.running] };
  });
  return { ...model, marks };
}

function emptyModel(kind: ChartKind): ChartModel {
  return { kind, unit: "", grain: null, categories: [], lanes: [], marks: [], judged: false, labelOf: () => "" };
}

/** The model of a panel's kind for one currency. */
export function chartModel(kind: string, all: readonly MetricValues[], currency: string): ChartModel {
  const values = all[0];
  if (values === undefined) return emptyModel("line");
  switch (kind) {
    case "bar":
      return bars(values, currency);
    case "pareto":
      return pareto(values, currency);
    case "column":
      return overTime("column", all, currency);
    case "stacked":
      return overTime("stacked", all, currency);
    case "heatmap":
      return heatmap(values, currency);
    case "calendar":
      return calendar(values, currency);
    case "cumulative":
      return cumulative(all, currency);
    case "waterfall":
      return waterfall(values, currency);
    default:
      return overTime("line", all, currency);
  }
}
