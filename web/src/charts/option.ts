/* eslint-disable @typescript-eslint/no-deprecated -- The library's types mark `emphasis` so for other series. */
// From the model to what the charting library draws. Numbers here are positions; every text that is
// read comes from exact decimals.
import type { CustomSeriesRenderItemReturn, EChartsOption, SeriesOption } from "echarts";
import { add, kZero, parseDecimal, toPixels, type Decimal } from "../amounts/decimal";
import { formatShort, formatTick } from "../amounts/format";
import type { Theme } from "../view/view";
import type { ChartModel, Lane, Mark } from "./model";
import { heatColor, heatInk, heatPlace, kColors, type ChartColors } from "./theme";

export interface Frame {
  readonly theme: Theme;
  readonly width: number;
}

const kFont = '12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const kNarrow = 480;
const kRowHeight = 28;
const kLabelsMax = 14;

export function isHorizontal(model: ChartModel): boolean {
  return model.kind === "bar" || model.kind === "waterfall";
}

export function chartHeight(model: ChartModel): number {
  if (model.kind === "heatmap") return model.lanes.length * 26 + 40;
  if (!isHorizontal(model)) return 240;
  const lanes = model.kind === "bar" ? model.lanes.length : 1;
  return model.categories.length * (kRowHeight + (lanes - 1) * 10) + 8;
}

export function fillOf(lane: Lane, colors: ChartColors): string {
  switch (lane.role) {
    case "compared":
      return colors.compared;
    case "plan":
    case "forecast":
      return colors.paper;
    case "total":
      return colors.total;
    case "rest":
      return colors.rest;
    case "actual":
      return colors.actual;
    case "part":
      return colors.parts[lane.color % colors.parts.length] ?? colors.actual;
  }
}

function hatched(colors: ChartColors): object {
  return { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: colors.hatch };
}

function tick(value: number): string {
  const decimal = parseDecimal(String(value)) ?? parseDecimal(value.toFixed(6));
  return decimal === null ? "" : formatTick(decimal);
}

function valueAxis(colors: ChartColors, split: number): object {
  return {
    type: "value", splitNumber: split,
    axisLabel: { color: colors.muted, formatter: tick, fontSize: 11, hideOverlap: true },
    splitLine: { lineStyle: { color: colors.line, width: 1 } },
  };
}

function categoryAxis(names: readonly string[], colors: ChartColors, more: object): object {
  return {
    type: "category", data: [...names],
    axisLine: { lineStyle: { color: colors.muted } }, axisTick: { show: false },
    ...more,
  };
}

function positions(model: ChartModel, lane: number): (number | null)[] {
  const out: (number | null)[] = model.categories.map(() => null);
  for (const mark of model.marks) {
    if (mark.lane === lane && mark.value !== null) out[mark.category] = toPixels(mark.value);
  }
  return out;
}

/** The colour of what is good or bad by itself; null of all else. */
function judgedColors(model: ChartModel, lane: number, colors: ChartColors): (string | null)[] {
  const out: (string | null)[] = model.categories.map(() => null);
  for (const mark of model.marks) {
    if (model.judged && mark.lane === lane && mark.judgement !== "neither") out[mark.category] = stepColor(mark, colors);
  }
  return out;
}

function plusOf(model: ChartModel, value: Decimal): string {
  return model.judged && value.units > 0n ? "+" : "";
}

function exactLabels(model: ChartModel, lane: number): string[] {
  const out = model.categories.map(() => "");
  for (const mark of model.marks) {
    if (mark.lane === lane && mark.value !== null) out[mark.category] = plusOf(model, mark.value) + model.labelOf(mark.value) + (mark.after ?? "");
  }
  return out;
}

function shortLabels(model: ChartModel, lane: number): string[] {
  const out = model.categories.map(() => "");
  for (const mark of model.marks) {
    if (mark.lane === lane && mark.value !== null) out[mark.category] = plusOf(model, mark.value) + formatShort(mark.value);
  }
  return out;
}

const kTextPixels = 6.9; // width of a digit at 12 px

function labelRoom(labels: readonly string[]): number {
  return Math.max(0, ...labels.map((label) => label.length)) * kTextPixels + 12;
}

/** Lanes as they are drawn: what is planned or compared with comes first, to the left of or above the actual. */
export function laneOrder(model: ChartModel): number[] {
  const order = model.lanes.map((_, index) => index);
  if (model.kind !== "column" && model.kind !== "bar") return order;
  const isBehind = (lane: number): boolean => model.lanes[lane]?.role === "compared" || model.lanes[lane]?.role === "plan";
  return order.sort((left, right) => Number(isBehind(right)) - Number(isBehind(left)));
}

/** A column that goes down has its label below, where that of its neighbour is not; good and bad have their colours. */
function placed(values: readonly (number | null)[], judged: readonly (string | null)[], horizontal: boolean): (number | null | { value: number })[] {
  return values.map((value, index) => {
    const color = judged[index] ?? null;
    const below = !horizontal && value !== null && value < 0;
    if (value === null || (color === null && !below)) return value;
    return { value, ...(below ? { label: { position: "bottom" } } : {}), ...(color === null ? {} : { itemStyle: { color } }) };
  });
}

/** As IBCS draws them: what is, solid; what was planned, hollow; what is expected, hatched; what was, light. */
function barStyle(lane: Lane, colors: ChartColors): object {
  const color = fillOf(lane, colors);
  if (lane.role === "plan") return { color, borderColor: colors.actual, borderWidth: 1.5 };
  if (lane.role === "forecast") return { color, borderColor: colors.actual, borderWidth: 1, decal: hatched(colors) };
  return lane.role === "compared" ? { color, borderColor: colors.hatch, borderWidth: 1 } : { color };
}

function barSeries(model: ChartModel, index: number, colors: ChartColors, labels: readonly string[] | null): SeriesOption {
  const lane = model.lanes[index];
  const silent = lane?.role === "compared" || (lane?.role === "plan" && model.lanes.length > 1);
  const horizontal = isHorizontal(model);
  return {
    type: "bar", name: lane?.name ?? "", data: placed(positions(model, index), judgedColors(model, index, colors), horizontal), barGap: "8%",
    barCategoryGap: horizontal ? "30%" : "24%", barMaxWidth: horizontal ? 18 : 48,
    ...(model.kind === "stacked" ? { stack: "all" } : {}),
    itemStyle: {
      ...(lane === undefined ? { color: colors.actual } : barStyle(lane, colors)),
      ...(model.kind === "stacked" ? { borderColor: colors.paper, borderWidth: 0.5 } : {}),
    },
    emphasis: { itemStyle: { borderColor: colors.ink, borderWidth: 2 } },
    label: labels === null || silent ? { show: false } : {
      show: true, position: horizontal ? "right" : "top", color: colors.ink, fontSize: 12, distance: 4,
      formatter: (item: { dataIndex: number }) => labels[item.dataIndex] ?? "",
    },
  };
}

function lineSeries(model: ChartModel, index: number, colors: ChartColors): SeriesOption {
  const lane = model.lanes[index];
  const compared = lane?.role === "compared";
  const planned = lane?.role === "plan" || lane?.role === "forecast";
  const color = compared ? colors.hatch : lane === undefined || planned ? colors.actual : fillOf(lane, colors);
  const dashes = compared ? [4, 4] : lane?.role === "forecast" ? [2, 3] : "solid";
  return {
    type: "line", name: lane?.name ?? "", data: positions(model, index),
    showSymbol: model.categories.length <= 31, symbol: planned ? "emptyCircle" : "circle", symbolSize: compared ? 4 : planned ? 7 : 5,
    lineStyle: { width: compared ? 1.5 : planned ? 1 : 2, color, type: dashes },
    itemStyle: { color }, emphasis: { disabled: false, scale: 1.8 }, z: compared ? 2 : 3,
  };
}

function verticalOption(model: ChartModel, frame: Frame, colors: ChartColors): EChartsOption {
  const few = model.categories.length * model.lanes.length <= (frame.width < kNarrow ? 8 : kLabelsMax);
  const series = laneOrder(model).map((index) =>
    model.kind === "line"
      ? lineSeries(model, index, colors)
      : barSeries(model, index, colors, model.kind === "column" && few ? shortLabels(model, index) : null));
  return {
    grid: { left: 2, right: 14, top: few && model.kind === "column" ? 20 : 10, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: categoryAxis(model.categories.map((each) => each.name), colors, {
      boundaryGap: model.kind !== "line",
      axisLabel: { color: colors.muted, fontSize: 11, hideOverlap: true, width: 90, overflow: "truncate" },
    }),
    yAxis: valueAxis(colors, 4),
    series,
  };
}

function horizontalOption(model: ChartModel, frame: Frame, colors: ChartColors): EChartsOption {
  const narrow = frame.width < kNarrow;
  const lane = model.kind === "bar" ? 0 : 1;
  const labels = model.kind === "bar" ? exactLabels(model, lane) : waterfallLabels(model);
  const room = labelRoom(labels);
  return {
    grid: { left: 2, right: room, top: 4, bottom: 2, outerBoundsMode: "none", containLabel: true },
    yAxis: categoryAxis(model.categories.map((each) => each.name), colors, {
      inverse: true,
      axisLabel: { color: colors.ink, fontSize: 12, width: narrow ? 92 : 168, overflow: "truncate" },
    }),
    // Every bar says its number, so the axis would only repeat them.
    xAxis: { type: "value", axisLabel: { show: false }, splitLine: { show: false } },
    series: model.kind === "bar"
      ? laneOrder(model).map((index) => barSeries(model, index, colors, index === 0 ? labels : null))
      : [waterfallSeries(model, colors, labels)],
  };
}

function waterfallLabels(model: ChartModel): string[] {
  const out = model.categories.map(() => "");
  for (const mark of model.marks) {
    if (mark.value === null) continue;
    const sigil = mark.role !== "total" && mark.role !== "compared" && mark.value.units > 0n ? "+" : plusOf(model, mark.value);
    out[mark.category] = sigil + model.labelOf(mark.value);
  }
  return out;
}

interface Drawing {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number];
  size: (extent: [number, number]) => [number, number];
}

function stepColor(mark: Mark, colors: ChartColors): string {
  if (mark.role === "compared") return colors.compared;
  if (mark.role === "total" && mark.judgement === "neither") return colors.total;
  return mark.judgement === "good" ? colors.good : mark.judgement === "bad" ? colors.bad : colors.hatch;
}

function ends(mark: Mark): [number, number] {
  return [toPixels(mark.from), toPixels(add(mark.from, mark.value ?? kZero))];
}

function waterfallSeries(model: ChartModel, colors: ChartColors, labels: readonly string[]): SeriesOption {
  return {
    type: "custom",
    encode: { x: [1, 2], y: 0 },
    data: model.marks.map((mark) => [mark.category, ...ends(mark)]),
    renderItem: (item: { dataIndex: number }, drawing: Drawing): CustomSeriesRenderItemReturn => {
      const mark = model.marks[item.dataIndex];
      if (mark === undefined) return { type: "group", children: [] };
      const [fromX, y] = drawing.coord([drawing.value(1), drawing.value(0)]);
      const [toX] = drawing.coord([drawing.value(2), drawing.value(0)]);
      const height = Math.min(18, drawing.size([0, 1])[1] * 0.66);
      const left = Math.min(fromX, toX);
      const width = Math.max(1, Math.abs(toX - fromX));
      return {
        type: "group",
        children: [
          {
            type: "rect", shape: { x: left, y: y - height / 2, width, height },
            style: { fill: stepColor(mark, colors), ...(mark.role === "compared" ? { stroke: colors.hatch, lineWidth: 1 } : {}) },
            emphasis: { style: { stroke: colors.ink, lineWidth: 2 } },
          },
          {
            type: "text",
            style: { text: labels[mark.category] ?? "", x: left + width + 4, y, fill: colors.ink, font: kFont, verticalAlign: "middle" },
          },
        ],
      };
    },
  } as unknown as SeriesOption;
}

/** 0 to 1 by absolute value; the darkest is the largest. Of variances small ones keep a colour beside a large one. */
export function intensities(model: ChartModel): number[] {
  const sizes = model.marks.map((mark) => (mark.value === null ? 0 : Math.abs(toPixels(mark.value))));
  const most = Math.max(...sizes, Number.MIN_VALUE);
  return sizes.map((size) => model.judged ? Math.sqrt(size / most) : size / most);
}

/** What the largest number is as dark as; of variances it is red or green. */
function heatHigh(model: ChartModel, mark: Mark | undefined, colors: ChartColors): ChartColors["high"] {
  if (!model.judged || mark === undefined || mark.judgement === "neither") return colors.high;
  return mark.judgement === "good" ? colors.goodHigh : colors.badHigh;
}

function heatSeries(model: ChartModel, frame: Frame, colors: ChartColors): SeriesOption {
  const shares = intensities(model);
  const room = (frame.width - 120) / Math.max(1, model.categories.length);
  const texts = model.marks.map((mark) => (mark.value === null ? "" : plusOf(model, mark.value) + formatShort(mark.value)));
  const fits = room >= Math.max(0, ...texts.map((each) => each.length)) * kTextPixels + 4;
  return {
    type: "custom",
    encode: { x: 0, y: 1 },
    data: model.marks.map((mark) => [mark.category, mark.lane]),
    renderItem: (item: { dataIndex: number }, drawing: Drawing): CustomSeriesRenderItemReturn => {
      const [x, y] = drawing.coord([drawing.value(0), drawing.value(1)]);
      const [width, height] = drawing.size([1, 1]);
      const place = heatPlace(model.judged ? colors.neither : colors.low, heatHigh(model, model.marks[item.dataIndex], colors), shares[item.dataIndex] ?? 0);
      return {
        type: "group",
        children: [
          {
            type: "rect", shape: { x: x - width / 2 + 0.5, y: y - height / 2 + 0.5, width: Math.max(1, width - 1), height: height - 1 },
            style: { fill: heatColor(place) }, emphasis: { style: { stroke: colors.ink, lineWidth: 2 } },
          },
          ...(fits ? [{
            type: "text",
            style: { text: texts[item.dataIndex] ?? "", x, y, fill: heatInk(place), font: kFont.replace("12px", "11px"), align: "center", verticalAlign: "middle" },
          }] : []),
        ],
      } as CustomSeriesRenderItemReturn;
    },
  } as unknown as SeriesOption;
}

function heatOption(model: ChartModel, frame: Frame, colors: ChartColors): EChartsOption {
  const narrow = frame.width < kNarrow;
  return {
    grid: { left: 2, right: 6, top: 4, bottom: 2, outerBoundsMode: "none", containLabel: true },
    xAxis: categoryAxis(model.categories.map((each) => each.name), colors, {
      axisLabel: { color: colors.muted, fontSize: 11, hideOverlap: true, width: 80, overflow: "truncate" }, splitLine: { show: false },
    }),
    yAxis: categoryAxis(model.lanes.map((each) => each.name), colors, {
      inverse: true, axisLabel: { color: colors.ink, fontSize: 12, width: narrow ? 72 : 150, overflow: "truncate" },
    }),
    series: [heatSeries(model, frame, colors)],
  };
}

export function chartOption(model: ChartModel, frame: Frame): EChartsOption {
  const colors = kColors[frame.theme];
  const option = model.kind === "heatmap" ? heatOption(model, frame, colors)
    : isHorizontal(model) ? horizontalOption(model, frame, colors)
    : verticalOption(model, frame, colors);
  return { animation: false, backgroundColor: "transparent", textStyle: { fontFamily: kFont.slice(5) }, ...option };
}

/** Where a mark's end is on the axes, for the tip. */
export function markPoint(model: ChartModel, mark: Mark, stackedTo: (mark: Mark) => Decimal): [number, number] {
  if (model.kind === "heatmap") return [mark.category, mark.lane];
  const value = toPixels(model.kind === "stacked" ? stackedTo(mark) : add(mark.from, mark.value ?? kZero));
  return isHorizontal(model) ? [value, mark.category] : [mark.category, value];
}
