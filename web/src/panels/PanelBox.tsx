import { useMemo, useState } from "preact/hooks";
import { exportAddress } from "../api/client";
import { useResource } from "../api/resource";
import { Chart, Legend, type ChartActions } from "../charts/Chart";
import { chartModel, currencies, type ChartModel } from "../charts/model";
import { comparedName, scenarioName, unitOf, type Metric, type MetricValues } from "../charts/metricText";
import { ValuesTable } from "../charts/ValuesTable";
import { rangeName, type Grain } from "../time/dates";
import { formatCount } from "../amounts/format";
import { text } from "../text/catalogue";
import { Empty, Loaded } from "../ui/States";
import { changeState, useView } from "../view/view";
import { filterText } from "../view/urlState";
import { isCountOfNothing, NumberPanel } from "./NumberPanel";
import { QueryPanel } from "./QueryPanel";
import { TextPanel } from "./TextPanel";
import { Ignored } from "./Ignored";
import { ignoredBy, isRanged, loadValues, panelMetrics, panelQuery, rangeQuery, stateOf, type Panel, type PanelPage, type ValueQuery } from "./panelData";

interface PanelBoxProps extends ChartActions {
  readonly panel: Panel;
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly page: PanelPage;
}

const kHeights: Record<string, number> = { number: 72, text: 40, table: 240 };

export function PanelBox({ panel, metrics, page, ...actions }: PanelBoxProps) {
  const view = useView();
  const asked = panelMetrics(panel).map((name) => metrics.get(name)).filter((metric) => metric !== undefined);
  const queries = asked.map((metric) => panelQuery(panel, metric, stateOf(page, view.state), view.release, page.default_range));
  const key = asked.length === 0 ? null : `release:values:${JSON.stringify([asked.map((metric) => metric.name), queries])}`;
  const values = useResource(key, (signal) =>
    Promise.all(asked.map((metric, index) => loadValues(metric.name, queries[index] ?? { release: view.release, filter: [] }, view.project.currency, signal))));
  return (
    <section class="panel" aria-label={panel.title} data-panel={panel.id} style={{ gridColumn: `span ${panel.width}` }}>
      {panel.kind === "text" ? <TextPanel title={panel.title} text={panel.text} /> : panel.kind === "query" ? <QueryPanel panel={panel} page={page} /> : (
        <Loaded of={values} height={kHeights[panel.kind] ?? 280}>
          {(all) => <Filled panel={panel} all={all} queries={queries} page={page} {...actions} />}
        </Loaded>
      )}
    </section>
  );
}

interface FilledProps extends ChartActions {
  readonly panel: Panel;
  readonly all: readonly MetricValues[];
  readonly queries: readonly ValueQuery[];
  readonly page: PanelPage;
}

function Filled({ panel, all, queries, page, ...actions }: FilledProps) {
  const view = useView();
  const [asTable, setAsTable] = useState(false);
  const found = useMemo(() => currencies(all), [all]);
  const currency = [view.state.currency ?? "", view.project.currency].find((each) => found.includes(each)) ?? found[0] ?? "";
  const isChart = panel.kind !== "number" && panel.kind !== "table";
  const shown = all.map((values) => values.metric);
  const isTimeless = shown.some((metric) => metric.time_column === null) && isRanged(rangeQuery(stateOf(page, view.state), page.default_range));
  const model = useMemo(() => (isChart ? chartModel(panel.kind, all, currency) : null), [all, currency, panel.kind]);
  const first = all[0];
  if (first === undefined) return <Empty title={text.states.noRows} />;
  const drillActions = { ...actions, onDrill: actions.onDrill };
  const empty = all.every((values) => values.rows.length === 0 && !(panel.kind === "number" && isCountOfNothing(values)));
  // A bridge needs the shore it begins at: without a range there is nothing before.
  const baseless = panel.kind === "waterfall" && first.compare !== null &&
    first.totals.every((total) => total.compared === null || total.compared === undefined);
  return (
    <>
      <div class="panel-head">
        <h2>{panel.title}</h2>
        {isChart && found.length > 1 ? <CurrencyChoice found={found} chosen={currency} /> : null}
        <span class="panel-actions">
          {isChart ? (
            <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{text.panel.table}</button>
          ) : null}
          <ExportMenu panel={panel} all={all} queries={queries} model={model} />
        </span>
      </div>
      <p class="panel-note">{panelNote(first, currency, isChart)}</p>
      <Ignored filters={ignoredBy(shown, view.state)} page={page} range={isTimeless} />
      {empty ? <Empty title={text.states.noRows} hint={text.states.noRowsHint} />
        : baseless ? <Empty title={text.states.noBase} hint={text.states.noBaseHint} /> : (
        <>
          {panel.kind === "number" ? <NumberPanel all={all} onDrill={actions.onDrill} /> : null}
          {panel.kind === "table" || asTable
            ? all.map((values) => <ValuesTable key={values.metric.name} title={panel.title} values={values} cumulative={panel.kind === "pareto"} {...drillActions} />) : null}
          {model !== null && !asTable ? (
            <>
              <Legend model={model} onMember={actions.onMember} />
              <Chart title={panel.title} summary={first.summary} model={model} {...actions} />
            </>
          ) : null}
        </>
      )}
      {all.some((values) => values.truncated) && model?.kind !== "bar" ? (
        <p class="note">{text.states.truncated(formatCount(Math.max(...all.map((values) => values.rows.length))))}</p>
      ) : null}
    </>
  );
}

function panelNote(values: MetricValues, currency: string, isChart: boolean): string {
  const parts: string[] = [];
  const unit = isChart ? unitOf(values.metric, currency) : "";
  if (unit !== "") parts.push(unit);
  if (values.metric.time_column !== null) {
    parts.push(values.start === null || values.end === null ? text.filters.ranges.all : rangeName(values.start, values.end));
  }
  if (values.window !== null) parts.push(text.metrics.windows[values.window as keyof typeof text.metrics.windows]);
  if (values.grain !== null) parts.push(text.metrics.grains[values.grain as Grain]);
  if (values.compare !== null) {
    const days = values.compared_start === null || values.compared_end === null ? "" : ` ${rangeName(values.compared_start, values.compared_end)}`;
    parts.push(`${scenarioName(values.metric)} / ${comparedName(values.compare)}${days}`);
  }
  if (values.incomplete) parts.push(text.states.incomplete);
  return parts.join(" · ");
}

function CurrencyChoice({ found, chosen }: { found: readonly string[]; chosen: string }) {
  const view = useView();
  return (
    <select aria-label={text.panel.currency} value={chosen} onChange={(event) => changeState(view, { currency: event.currentTarget.value })}>
      {found.map((each) => <option key={each} value={each}>{each}</option>)}
    </select>
  );
}

interface ExportMenuProps {
  readonly panel: Panel;
  readonly all: readonly MetricValues[];
  readonly queries: readonly ValueQuery[];
  readonly model: ChartModel | null;
}

function ExportMenu({ panel, all, queries, model }: ExportMenuProps) {
  const view = useView();
  const picture = (): void => {
    if (model === null) return;
    const notes = [text.releaseNumber(view.release), all[0]?.summary ?? "", ...view.state.filters.map(filterText)].join(" · ");
    void import("../charts/png").then(async ({ chartPicture }) => {
      const blob = await chartPicture(model, view.theme, { title: panel.title, notes });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${panel.id}-r${view.release}.png`;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  };
  return (
    <details class="menu">
      <summary>{text.panel.export}</summary>
      <div>
        {all.map((values, index) => {
          const { filter = [], ...query } = queries[index] ?? { release: view.release };
          const path = `/metrics/${encodeURIComponent(values.metric.name)}/export`;
          const suffix = all.length === 1 ? "" : ` · ${values.metric.title}`;
          return [
            <a key={`${values.metric.name}-csv`} href={exportAddress(path, { format: "csv", ...query }, filter)} download="">{text.panel.csv}{suffix}</a>,
            <a key={`${values.metric.name}-xlsx`} href={exportAddress(path, { format: "xlsx", ...query }, filter)} download="">{text.panel.xlsx}{suffix}</a>,
          ];
        })}
        {model === null ? null : <button type="button" onClick={picture}>{text.panel.png}</button>}
      </div>
    </details>
  );
}
