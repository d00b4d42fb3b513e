import { useState } from "preact/hooks";
import { api, unwrap } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Metric } from "../../charts/metricText";
import type { DrillTarget } from "../../charts/target";
import { DrillDrawer } from "../../drill/Drill";
import { CompareChoice, ActiveFilters, RangeChoice } from "../../panels/FilterBar";
import { PanelBox } from "../../panels/PanelBox";
import { ignoredBy, type Panel, type PanelPage } from "../../panels/panelData";
import { text } from "../../text/catalogue";
import { Link } from "../../ui/Link";
import { Page, Section } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { toggleMember } from "../../view/urlState";
import { changeState, pageAddress, useView } from "../../view/view";

export function MetricPage({ name }: { name: string }) {
  const view = useView();
  const metric = useResource(`metric:${name}:${view.projectEdits}`, (signal) =>
    unwrap(api.GET("/metrics/{metric}", { params: { path: { metric: name } }, signal })));
  return <Loaded of={metric} height={600}>{(shown) => <Explorer metric={shown} />}</Loaded>;
}

type Window = "" | "mtd" | "qtd" | "ytd" | "ltm";

/** A page of no dashboard: everything there is, and no filters of its own. */
const kPage: PanelPage = { metric: null, filters: [], default_range: "all", days: null };

function Explorer({ metric }: { metric: Metric }) {
  const view = useView();
  const [by, setBy] = useState(metric.dimensions[0]?.name ?? "");
  const [grain, setGrain] = useState<string>(metric.grains.includes("month") ? "month" : metric.grains[0] ?? "");
  const [window_, setWindow] = useState<Window>("");
  const [target, setTarget] = useState<DrillTarget | null>(null);
  const metrics = new Map([[metric.name, metric]]);
  const actions = {
    onDrill: setTarget,
    onMember: (dimension: string, member: string | null) => changeState(view, { filters: toggleMember(view.state.filters, dimension, member) }),
    onRange: (start: string, end: string) => changeState(view, { start, end, range: null }),
  };
  const panel = (id: string, title: string, kind: Panel["kind"], more: Partial<Panel>): Panel => ({
    id, title, kind, metric: metric.name, metrics: [], by: [], grain: null, compare: null, window: null, limit: null, width: 12, text: "", filters: [],
    query: null, parameters: {}, follows: {}, time_column: null, links: {}, ...more,
  });
  const timed = grain !== "";
  return (
    <Page title={metric.title} hint={metric.description}>
      <div class="toolbar" role="group" aria-label={text.filters.title}>
        {metric.time_column === null ? null : <RangeChoice fallback="all" />}
        <CompareChoice />
        <Choice title={text.metrics.by} value={by} none={text.metrics.noBy} onChoose={setBy} options={metric.dimensions.map((each) => [each.name, each.title])} />
        {metric.grains.length === 0 ? null : (
          <Choice title={text.metrics.grain} value={grain} none={text.metrics.noGrain} onChoose={setGrain} options={metric.grains.map((each) => [each, text.metrics.grains[each]])} />
        )}
        {timed ? (
          <Choice
            title={text.metrics.window} value={window_} none={text.metrics.noWindow} onChoose={(value) => setWindow(value as Window)}
            options={Object.entries(text.metrics.windows)}
          />
        ) : null}
        <ActiveFilters filters={view.state.filters} idle={ignoredBy([metric], view.state)} titles={new Map(metric.dimensions.map((each) => [each.name, each.title]))} />
      </div>
      <div class="grid">
        <PanelBox panel={panel("total", text.panel.total, "number", {})} metrics={metrics} page={kPage} {...actions} />
        {timed ? (
          <PanelBox
            panel={panel("time", text.metrics.chart, window_ === "" ? "column" : "line", { grain: grain, window: window_ === "" ? null : window_ })}
            metrics={metrics} page={kPage} {...actions}
          />
        ) : null}
        {by === "" ? null : <PanelBox panel={panel("by", by, "bar", { by: [by], limit: 12, width: 6 })} metrics={metrics} page={kPage} {...actions} />}
        {by === "" ? null : <PanelBox panel={panel("by-table", by, "table", { by: [by], limit: 50, width: 6 })} metrics={metrics} page={kPage} {...actions} />}
      </div>
      <Section title={text.metrics.definition}>
        <dl class="facts">
          <dt>{text.metrics.measure}</dt><dd><code>{metric.sql}</code></dd>
          <dt>{text.metrics.table}</dt><dd><Link to={pageAddress(view, `/tables/${encodeURIComponent(metric.table)}`)}>{metric.table}</Link></dd>
          <dt>{text.metrics.unit}</dt><dd>{metric.unit}{metric.unit_name === "" ? "" : ` · ${metric.unit_name}`} · {text.metrics.better[metric.better]}</dd>
          <dt>{text.metrics.owner}</dt><dd>{metric.owner}</dd>
        </dl>
      </Section>
      {target === null ? null : <DrillDrawer target={target} onClose={() => setTarget(null)} onFilter={null} />}
    </Page>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly value: string;
  readonly none: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}

function Choice({ title, value, none, options, onChoose }: ChoiceProps) {
  return (
    <label>
      {title}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{none}</option>
        {options.map(([name, shown]) => <option key={name} value={name}>{shown}</option>)}
      </select>
    </label>
  );
}
