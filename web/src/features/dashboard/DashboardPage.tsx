import { useState } from "preact/hooks";
import { api, unwrap } from "../../api/client";
import { useResource } from "../../api/resource";
import type { DrillTarget } from "../../charts/target";
import type { Metric } from "../../charts/metricText";
import { DrillDrawer } from "../../drill/Drill";
import { text } from "../../text/catalogue";
import { Page } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { changeState, useView } from "../../view/view";
import { toggleMember } from "../../view/urlState";
import { FilterBar } from "../../panels/FilterBar";
import { PanelBox } from "../../panels/PanelBox";
import { daysOfPage, idleFilters, rangeQuery, type Dashboard, type PanelPage } from "../../panels/panelData";

export function DashboardPage({ name }: { name: string }) {
  const view = useView();
  const dashboard = useResource(`dashboard:${name}:${view.projectEdits}`, (signal) =>
    unwrap(api.GET("/dashboards/{dashboard}", { params: { path: { dashboard: name } }, signal })));
  const metrics = useResource(`metrics:${view.projectEdits}`, (signal) => unwrap(api.GET("/metrics", { signal })));
  return (
    <Loaded of={dashboard} height={600}>
      {(shown) => (
        <Page title={shown.title} hint={shown.description}>
          <Loaded of={metrics} height={560}>
            {(known) => <Panels dashboard={shown} metrics={new Map(known.metrics.map((metric) => [metric.name, metric]))} />}
          </Loaded>
        </Page>
      )}
    </Loaded>
  );
}

function Panels({ dashboard, metrics }: { dashboard: Dashboard; metrics: ReadonlyMap<string, Metric> }) {
  const view = useView();
  const [target, setTarget] = useState<DrillTarget | null>(null);
  const filterable = new Set(dashboard.filters.map((filter) => filter.dimension));
  for (const metric of metrics.values()) for (const dimension of metric.dimensions) filterable.add(dimension.name);
  const onMember = (dimension: string, member: string | null): void => {
    if (filterable.has(dimension)) changeState(view, { filters: toggleMember(view.state.filters, dimension, member) });
  };
  const onFilter = (chosen: DrillTarget): void => {
    let filters = [...view.state.filters];
    for (const each of chosen.members) {
      const already = filters.some((filter) => filter.column === each.dimension && filter.values.length === 1 && filter.values[0] === each.member);
      if (!already) filters = toggleMember(filters.filter((filter) => filter.column !== each.dimension), each.dimension, each.member);
    }
    setTarget(null);
    changeState(view, { filters });
  };
  const { range } = rangeQuery(view.state, dashboard.default_range);
  const rangeOf = range === undefined || range === "all" ? null : dashboard.range_of;
  const key = rangeOf === null ? null : `release:days:${JSON.stringify([rangeOf, range, view.release, view.projectEdits])}`;
  const days = useResource(key, (signal) => daysOfPage(range ?? "all", rangeOf ?? "", view.release, signal));
  const rows = (page: PanelPage) => dashboard.rows.map((row, index) => (
    <div class="grid" key={index}>
      {row.map((panel) => (
        <PanelBox
          key={panel.id} panel={panel} metrics={metrics} page={page}
          onDrill={setTarget} onMember={onMember}
          onRange={(start, end) => changeState(view, { start, end, range: null })}
        />
      ))}
    </div>
  ));
  return (
    <>
      <FilterBar dashboard={dashboard} idle={idleFilters(dashboard, metrics, view.state)} />
      {rangeOf === null ? rows({ ...dashboard, days: null }) : (
        <Loaded of={days} height={560}>{(found) => <>{rows({ ...dashboard, days: found })}</>}</Loaded>
      )}
      {dashboard.rows.length === 0 ? <p class="muted">{text.states.emptyTable}</p> : null}
      {target === null ? null : <DrillDrawer target={target} onClose={() => setTarget(null)} onFilter={onFilter} />}
    </>
  );
}
