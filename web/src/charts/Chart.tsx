import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { add, kZero, toPixels, type Decimal } from "../amounts/decimal";
import { periodOf } from "../time/dates";
import { text } from "../text/catalogue";
import { useView } from "../view/view";
import { init, type EChartsType } from "./echarts";
import type { Category, ChartModel, Mark } from "./model";
import { chartHeight, chartOption, fillOf, isHorizontal, laneOrder, markPoint } from "./option";
import type { DrillTarget } from "./target";
import { kColors } from "./theme";

export interface ChartActions {
  readonly onDrill: (target: DrillTarget) => void;
  readonly onMember: ((dimension: string, member: string | null) => void) | null;
  readonly onRange: ((start: string, end: string) => void) | null;
}

interface ChartProps extends ChartActions {
  readonly title: string;
  readonly summary: string;
  readonly model: ChartModel;
}

interface Place {
  readonly category: number;
  readonly lane: number;
}

interface Brush {
  readonly from: number;
  readonly to: number;
}

/** A chart that can be read and worked with by mouse, touch and keyboard alone. */
export function Chart({ title, summary, model, onDrill, onMember, onRange }: ChartProps) {
  const view = useView();
  const id = useId();
  const plot = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const [width, setWidth] = useState(0);
  const [active, showActive] = useState<Place | null>(null);
  // Keys may come faster than the page is drawn: what they move from is here.
  const chosen = useRef<Place | null>(null);
  const setActive = (place: Place | null): void => {
    chosen.current = place;
    showActive(place);
  };
  const [closed, setClosed] = useState<Mark | null>(null); // was asked for rows and has none
  const [brush, setBrush] = useState<Brush | null>(null);
  const pressed = useRef<number | null>(null);
  const height = chartHeight(model);
  const marks = useMemo(() => new Map(model.marks.map((mark) => [`${mark.category}/${mark.lane}`, mark])), [model]);
  const markAt = (place: Place | null): Mark | undefined => (place === null ? undefined : marks.get(`${place.category}/${place.lane}`));

  useEffect(() => {
    if (plot.current === null) return undefined;
    const made = init(plot.current, null, { renderer: "svg", height });
    chart.current = made;
    const observer = new ResizeObserver(() => {
      const element = plot.current;
      if (element === null) return;
      made.resize({ width: element.clientWidth, height: element.clientHeight });
      setWidth(element.clientWidth);
    });
    observer.observe(plot.current);
    setWidth(plot.current.clientWidth);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    if (chart.current === null || width === 0) return;
    chart.current.resize({ width, height });
    chart.current.setOption(chartOption(model, { theme: view.theme, width }), true);
  }, [model, view.theme, width]);
  // What was chosen is of its model; another width or theme leaves it alone.
  const shown = useRef(model);
  useEffect(() => {
    if (shown.current === model) return;
    shown.current = model;
    setActive(null);
    setBrush(null);
  }, [model]);
  useEffect(() => {
    const made = chart.current;
    if (made === null) return;
    made.dispatchAction({ type: "downplay" });
    const mark = markAt(active);
    if (mark !== undefined) made.dispatchAction({ type: "highlight", ...seriesOf(model, mark) });
  }, [active, model]);

  const placeAt = (event: MouseEvent): Place | null => {
    const made = chart.current;
    const box = plot.current?.getBoundingClientRect();
    if (made === null || box === undefined) return null;
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    if (!made.containPixel({ gridIndex: 0 }, [x, y])) return null;
    const point = made.convertFromPixel({ gridIndex: 0 }, [x, y]);
    const [first = 0, second = 0] = Array.isArray(point) ? point : [];
    if (model.kind === "heatmap") return { category: Math.round(first), lane: Math.round(second) };
    const category = Math.round(isHorizontal(model) ? second : first);
    return nearest(model, markAt, category, isHorizontal(model) ? first : second, isHorizontal(model) ? event : null, made, y);
  };
  /** A name on the axis: names filter, marks open rows. */
  const memberAt = (event: MouseEvent): Category | null => {
    const made = chart.current;
    const box = plot.current?.getBoundingClientRect();
    if (made === null || box === undefined || !isHorizontal(model)) return null;
    const point = made.convertFromPixel({ gridIndex: 0 }, [event.clientX - box.left, event.clientY - box.top]);
    const origin = made.convertToPixel({ gridIndex: 0 }, [0, 0]);
    if (!Array.isArray(point) || !Array.isArray(origin)) return null;
    if (event.clientX - box.left >= (origin[0] ?? 0)) return null;
    return model.categories[Math.round(point[1] ?? -1)] ?? null;
  };
  const canBrush = onRange !== null && model.grain !== null && !isHorizontal(model);
  const takeBrush = (chosen: Brush): void => {
    const first = model.categories[Math.min(chosen.from, chosen.to)]?.time;
    const last = model.categories[Math.max(chosen.from, chosen.to)]?.time;
    setBrush(null);
    if (typeof first === "string" && typeof last === "string" && model.grain !== null) onRange?.(first, periodOf(last, model.grain).end);
  };
  const open = (mark: Mark | undefined): void => {
    if (mark === undefined) return;
    if (mark.target === null) setClosed(mark);
    else onDrill(mark.target);
  };
  const filterBy = (place: Place | null): void => {
    if (place === null || onMember === null) return;
    const member = model.lanes[place.lane]?.member ?? model.categories[place.category]?.member;
    if (member !== null && member !== undefined) onMember(member.dimension, member.member);
  };

  const move = (event: PointerEvent): void => {
    const place = placeAt(event);
    setActive(place);
    if (canBrush && pressed.current !== null && place !== null) {
      setBrush(place.category === pressed.current ? null : { from: pressed.current, to: place.category });
    }
  };
  const press = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    pressed.current = placeAt(event)?.category ?? null;
  };
  const release = (event: PointerEvent): void => {
    const began = pressed.current;
    pressed.current = null;
    if (brush !== null) {
      takeBrush(brush);
      return;
    }
    const place = placeAt(event);
    if (place === null) {
      const category = memberAt(event);
      if (category?.member !== null && category?.member !== undefined) onMember?.(category.member.dimension, category.member.member);
    } else if (began !== null) {
      setActive(place);
      if (event.metaKey || event.ctrlKey) filterBy(place);
      else open(markAt(place));
    }
  };
  const key = (event: KeyboardEvent): void => {
    const from = chosen.current;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (brush !== null) takeBrush(brush);
      else open(markAt(from));
    } else if (event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey) {
      filterBy(from);
    } else if (event.key === "Escape" && (from !== null || brush !== null)) {
      setActive(null);
      setBrush(null);
    } else {
      const next = stepped(model, markAt, from, event.key);
      if (next === null) return;
      event.preventDefault();
      if (event.shiftKey && canBrush && from !== null) setBrush({ from: brush?.from ?? from.category, to: next.category });
      else setBrush(null);
      setActive(next);
    }
  };
  const mark = markAt(active);
  const lines = mark === undefined ? [] : mark === closed ? [...mark.lines, text.panel.noRowsBehind] : mark.lines;
  return (
    <div class="chart">
      <div
        class="chart-plot" ref={plot} style={{ height: `${height}px`, touchAction: "pan-y", cursor: mark?.target ? "pointer" : "default" }}
        tabIndex={0} role="application" aria-roledescription={text.panel.unnamed.toLowerCase()} aria-label={title}
        aria-describedby={`${id}-summary ${id}-hint`}
        onPointerMove={move} onPointerDown={press} onPointerUp={release} onKeyDown={key}
        onPointerLeave={() => { setActive(null); pressed.current = null; if (brush !== null) setBrush(null); }}
        onFocus={() => { if (chosen.current === null && plot.current?.matches(":focus-visible") === true) setActive(stepped(model, markAt, null, "Home")); }}
        onBlur={() => setActive(null)}
      />
      {brush === null ? null : <BrushBox chart={chart.current} brush={brush} height={height} model={model} />}
      {mark === undefined ? null : <Tip chart={chart.current} model={model} mark={mark} lines={lines} width={width} brush={brush} />}
      <p class="visually-hidden" aria-live="polite">{mark === undefined ? "" : [mark.name, ...lines].join(", ")}</p>
      <p class="summary" id={`${id}-summary`}>{summary}</p>
      <p class="visually-hidden" id={`${id}-hint`}>{text.panel.chartHint}</p>
    </div>
  );
}

function seriesOf(model: ChartModel, mark: Mark): { seriesIndex: number; dataIndex: number } {
  if (model.kind === "heatmap" || model.kind === "waterfall") return { seriesIndex: 0, dataIndex: model.marks.indexOf(mark) };
  return { seriesIndex: laneOrder(model).indexOf(mark.lane), dataIndex: mark.category };
}

function stackTop(model: ChartModel, mark: Mark): Decimal {
  const positive = (mark.value ?? kZero).units >= 0n;
  let level = kZero;
  for (const other of model.marks) {
    if (other.category !== mark.category || other.lane > mark.lane || other.value === null) continue;
    if (other.value.units >= 0n === positive) level = add(level, other.value);
  }
  return level;
}

type MarkAt = (place: Place) => Mark | undefined;

/** The mark that the pointer means: in a stack the segment, among bars the one under it, else the nearest. */
function nearest(
  model: ChartModel, markAt: MarkAt, category: number, value: number, horizontal: MouseEvent | null, made: EChartsType, y: number,
): Place | null {
  const there = model.lanes.map((_, lane) => ({ category, lane })).filter((place) => (markAt(place)?.value ?? null) !== null);
  if (there.length === 0) return null;
  if (model.kind === "stacked") {
    const inside = there.find((place) => {
      const mark = markAt(place);
      if (mark?.value === null || mark === undefined) return false;
      const top = toPixels(stackTop(model, mark));
      const bottom = top - toPixels(mark.value);
      return value >= Math.min(top, bottom) && value <= Math.max(top, bottom);
    });
    return inside ?? null;
  }
  if (horizontal !== null && model.kind === "bar" && there.length > 1) {
    const center = made.convertToPixel({ gridIndex: 0 }, [0, category]);
    const above = Array.isArray(center) && y < (center[1] ?? 0);
    const order = laneOrder(model);
    return { category, lane: (above ? order[0] : order[1]) ?? 0 };
  }
  const distance = (place: Place): number => Math.abs(toPixels(markAt(place)?.value ?? kZero) - value);
  return there.reduce((best, place) => (distance(place) < distance(best) ? place : best));
}

/** Where a key leads from a mark; null for other keys. Steps over places without a mark. */
function stepped(model: ChartModel, markAt: MarkAt, from: Place | null, key: string): Place | null {
  const horizontal = isHorizontal(model);
  const along = horizontal ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const across = horizontal ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  const first = (categories: number[]): Place | null => {
    const lanes = [from?.lane ?? 0, ...model.lanes.map((_, lane) => lane)];
    for (const category of categories) {
      for (const lane of lanes) if (markAt({ category, lane }) !== undefined) return { category, lane };
    }
    return null;
  };
  const all = model.categories.map((_, category) => category);
  if (key === "Home") return first(all);
  if (key === "End") return first([...all].reverse());
  if (![...along, ...across].includes(key)) return null;
  if (from === null) return first(all);
  if (key === along[1]) return first(all.filter((category) => category > from.category)) ?? from;
  if (key === along[0]) return first(all.filter((category) => category < from.category).reverse()) ?? from;
  const forward = key === across[1];
  const lanes = model.lanes.map((_, lane) => lane).filter((lane) => (forward ? lane > from.lane : lane < from.lane));
  const next = (forward ? lanes : lanes.reverse()).find((lane) => markAt({ category: from.category, lane }) !== undefined);
  return next === undefined ? from : { category: from.category, lane: next };
}

function BrushBox({ chart, brush, height, model }: { chart: EChartsType | null; brush: Brush; height: number; model: ChartModel }) {
  const edge = (category: number): number => {
    const pixel = chart?.convertToPixel({ xAxisIndex: 0 }, category);
    return typeof pixel === "number" ? pixel : 0;
  };
  const step = model.categories.length > 1 ? Math.abs(edge(1) - edge(0)) : 40;
  const left = Math.min(edge(brush.from), edge(brush.to)) - step / 2;
  const right = Math.max(edge(brush.from), edge(brush.to)) + step / 2;
  return <div class="chart-brush" style={{ left: `${Math.max(0, left)}px`, width: `${right - Math.max(0, left)}px`, top: "0", height: `${height}px` }} />;
}

interface TipProps {
  readonly chart: EChartsType | null;
  readonly model: ChartModel;
  readonly mark: Mark;
  readonly lines: readonly string[];
  readonly width: number;
  readonly brush: Brush | null;
}

function Tip({ chart, model, mark, lines, width, brush }: TipProps) {
  const point = chart?.convertToPixel({ gridIndex: 0 }, markPoint(model, mark, (each) => stackTop(model, each)));
  const [x = 0, y = 0] = Array.isArray(point) ? point : [];
  const onLeft = x > width / 2;
  const side = onLeft ? { right: `${Math.max(0, width - x + 12)}px` } : { left: `${Math.min(x + 12, width - 40)}px` };
  const names = brush === null ? null : [brush.from, brush.to].sort((a, b) => a - b).map((each) => model.categories[each]?.name ?? "");
  const lane = model.kind === "heatmap" || model.lanes.length === 1 ? null : model.lanes[mark.lane];
  return (
    <div class="tip" style={{ ...side, top: `${Math.max(0, y - 12)}px` }} aria-hidden="true">
      <strong>{names === null ? mark.name : names.join(" … ")}</strong>
      {names === null ? lines.map((line) => <div key={line}>{line}</div>) : <div>{text.panel.brushHint}</div>}
      {lane?.role === "rest" ? <div class="muted">{lane.name}</div> : null}
    </div>
  );
}

/** What the colours and hatches mean; a name filters. */
export function Legend({ model, onMember }: { model: ChartModel; onMember: ChartActions["onMember"] }) {
  const view = useView();
  if (model.kind === "heatmap" || model.kind === "waterfall" || model.lanes.length < 2) return null;
  const colors = kColors[view.theme];
  return (
    <ul class="legend">
      {model.lanes.map((lane) => {
        const fill = fillOf(lane, colors);
        const style = lane.role === "forecast"
          ? { background: `repeating-linear-gradient(45deg, ${fill} 0 3px, ${colors.hatch} 3px 5px)` }
          : { background: fill, ...(lane.role === "plan" ? { border: `2px solid ${colors.actual}` } : {}) };
        const member = lane.member;
        return (
          <li key={lane.name}>
            <span class="swatch" style={style} aria-hidden="true" />
            {member === null || onMember === null ? lane.name : (
              <button type="button" class="plain" title={text.panel.filterTo(lane.name)} onClick={() => onMember(member.dimension, member.member)}>
                {lane.name}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
